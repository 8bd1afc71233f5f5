"""What a consent record says: the document itself, its rules, and its words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.consent.bound_face import BoundFace
from masquerade.provenance.consent.bound_voice import BoundVoice
from masquerade.provenance.consent.on_behalf import Estate, Guardian, Part, Text
from masquerade.types import Modality

ANY = "any"
MAX_YEARS = 10
_SINCE_2 = frozenset({"estate", "guardians", "of_age_on"})
"""Fields that records of version 1 do not have, and their signatures are not over."""
_SINCE_3 = frozenset({"voices", "voice_proof"})
"""The same for versions 1 and 2."""

Word = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Media = Literal["still", "animation", "video", "audio"]


class Kind(StrEnum):
    """Whose face or voice it is."""

    SUBJECT = "subject"
    PERSONA = "persona"
    PERFORMER = "performer"
    ESTATE = "estate"


class MadeProof(Part):
    """Proof that no such person exists: how the face was made, and how far real faces are."""

    how: Literal["made"] = "made"
    recipe_sha256: Sha256
    """SHA-256 of the recipe the face was made by."""
    nearest_distance: float = Field(ge=0, le=10)
    """Embedding distance to the nearest of the real faces it was compared with."""
    compared_faces: int = Field(ge=1)
    """How many real faces that were."""


class MadeVoiceProof(Part):
    """Proof that no such person speaks: how the voice was made, and how far real voices are."""

    how: Literal["made"] = "made"
    recipe_sha256: Sha256
    """SHA-256 of the recipe the voice was made by."""
    nearest_distance: float = Field(ge=0, le=2)
    """Distance to the nearest of the real voices it was compared with."""
    compared_voices: int = Field(ge=1)
    """How many real voices that were."""


class DeclaredProof(Part):
    """Somebody's word that no such person exists: not verified, and shown as such."""

    how: Literal["declared"] = "declared"
    declared_by: Text
    """Who says so."""
    proof_sha256: Sha256
    """SHA-256 of the file they rest it on."""


class ConsentRecord(Part):
    """One signed consent record. Made by `new_record` or read by `load`, never changed."""

    schema_version: Literal[1, 2, 3] = 3
    id: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    kind: Kind
    subject: Text
    """Name or pseudonym of the person or persona."""
    grantee: Text
    """Who may use it."""
    modality: tuple[Modality, ...] = Field(default=("face",), min_length=1)
    purposes: tuple[Word, ...] = Field(min_length=1)
    """What it may be used for; ``any`` only for a persona."""
    methods: tuple[Word, ...] = (ANY,)
    """Methods (``swap_mesh``) or families of them (``swap``) it may be used with."""
    media: tuple[Media, ...] = ("still", "animation", "video")
    territory: Text = "worldwide"
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    adult_attested: bool
    """The signer attests that the person is or was, or the persona looks, of age. If not, the
    record names guardians."""
    reference_sha256: tuple[Sha256, ...] = ()
    """SHA-256 of the photos the face was taken from."""
    faces: tuple[BoundFace, ...] = ()
    voices: tuple[BoundVoice, ...] = ()
    proof: Annotated[MadeProof | DeclaredProof, Field(discriminator="how")] | None = None
    voice_proof: Annotated[MadeVoiceProof | DeclaredProof, Field(discriminator="how")] | None = None
    """What `proof` is for a face: a persona's voice has one of its own."""
    estate: Estate | None = None
    guardians: tuple[Guardian, ...] = ()
    of_age_on: date | None = None
    """The day from which a minor decides for themselves; a guardian's consent ends by then."""
    signer: str
    signature: str = ""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if not self.valid_from < self.valid_until:
            raise ValueError("it ends before it begins")
        if self.valid_until - self.valid_from > timedelta(days=366 * MAX_YEARS):
            raise ValueError(f"it lasts longer than {MAX_YEARS} years")
        if self.kind is not Kind.PERSONA and ANY in self.purposes:
            raise ValueError("a person's consent names its purposes; 'any' is for personas only")
        return self

    @model_validator(mode="after")
    def _is_bound(self) -> Self:
        if not (self.faces or self.voices):
            raise ValueError("it is bound to no face and no voice")
        if self.schema_version < 3 and (self.voices or not self.faces):
            raise ValueError("records of versions 1 and 2 are bound to a face, and to no voice")
        if self.schema_version >= 3:
            for name, bound in (("face", self.faces), ("voice", self.voices)):
                if (name in self.modality) != bool(bound):
                    raise ValueError(f"a record that covers a {name} is bound to one, no other is")
        persona = self.kind is Kind.PERSONA
        for bound, proof in ((self.faces, self.proof), (self.voices, self.voice_proof)):
            if (proof is not None) != (persona and bool(bound)):
                raise ValueError("a persona needs a proof, and only a persona has one")
        bound_plain = any(one.plain for one in self.faces) or any(one.plain for one in self.voices)
        if not persona and bound_plain:
            raise ValueError("a real person's face or voice must be bound encrypted")
        if self.kind in (Kind.SUBJECT, Kind.PERFORMER) and any(
            voice.how != "statement" for voice in self.voices
        ):
            raise ValueError("the voice of a living person is bound by a statement read aloud")
        return self

    @model_validator(mode="after")
    def _speaks_for_whom_it_may(self) -> Self:
        if (self.estate is not None) != (self.kind is Kind.ESTATE):
            raise ValueError("an estate says who acts for it, and only an estate does")
        if self.estate and self.estate.died_on > self.valid_from.date():
            raise ValueError("it begins before the person of the estate died")
        if self.adult_attested == bool(self.guardians):
            raise ValueError("either the person is attested to be of age, or guardians are named")
        if (self.of_age_on is not None) != bool(self.guardians):
            raise ValueError(
                "a minor's record says from when on they are of age, and no other does"
            )
        if self.guardians and self.kind is Kind.PERSONA:
            raise ValueError("a persona looks of age; there is none of a child")
        if self.of_age_on and self.valid_until > datetime.combine(self.of_age_on, time(), UTC):
            raise ValueError(f"it lasts beyond the day the minor is of age, {self.of_age_on}")
        if self.schema_version == 1 and (self.estate or self.guardians):
            raise ValueError("records of version 1 know neither estates nor guardians")
        return self

    def signed_bytes(self) -> bytes:
        """What the signature is over: everything but itself, as canonical JSON."""
        return canonical_bytes(self.model_dump(mode="json", exclude={"signature", *self._unknown}))

    def text(self) -> str:
        """The record as it is kept in a file."""
        values = ConsentRecord.model_dump(self, mode="json", exclude={*self._unknown})
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    @property
    def _unknown(self) -> frozenset[str]:
        """Fields that records of this version do not have."""
        if self.schema_version == 1:
            return _SINCE_2 | _SINCE_3
        return _SINCE_3 if self.schema_version == 2 else frozenset()

    @property
    def proofs(self) -> tuple[MadeProof | MadeVoiceProof | DeclaredProof, ...]:
        """What a persona rests on: for its face, for its voice."""
        return tuple(one for one in (self.proof, self.voice_proof) if one)

    @property
    def bound_to(self) -> str:
        """What the record is bound to: a face, a voice, or both."""
        named = (("face", self.faces), ("voice", self.voices))
        return " and ".join(name for name, bound in named if bound)

    @property
    def standing(self) -> str:
        """What is known about the person, in plain words that name nobody who is not public."""
        if self.kind is Kind.PERSONA:
            return "; ".join(("persona", *dict.fromkeys(map(_proof_words, self.proofs))))
        words: str = self.kind.value
        if self.estate:
            words = (
                f"estate of a dead person; its representative consents ({self.estate.authority})"
            )
        if self.guardians:
            alone = len(self.guardians) == 1
            who = "a guardian consents" if alone else f"{len(self.guardians)} guardians consent"
            words += f"; under age, {who}"
        return words


def _proof_words(proof: MadeProof | MadeVoiceProof | DeclaredProof) -> str:
    match proof:
        case MadeProof():
            count, kind = proof.compared_faces, "faces"
        case MadeVoiceProof():
            count, kind = proof.compared_voices, "voices"
        case DeclaredProof():
            return f"declared by {proof.declared_by}, not verified"
    return f"nearest of {count} real {kind} at {proof.nearest_distance:.2f}"
