"""What a consent record says: the document itself, its rules, and its words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.consent.bound_face import BoundFace
from masquerade.provenance.consent.on_behalf import Estate, Guardian, Part, Text
from masquerade.types import Modality

ANY = "any"
MAX_YEARS = 10
_SINCE_2 = frozenset({"estate", "guardians", "of_age_on"})
"""Fields that records of version 1 do not have, and their signatures are not over."""

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


class DeclaredProof(Part):
    """Somebody's word that no such person exists: not verified, and shown as such."""

    how: Literal["declared"] = "declared"
    declared_by: Text
    """Who says so."""
    proof_sha256: Sha256
    """SHA-256 of the file they rest it on."""


class ConsentRecord(Part):
    """One signed consent record. Made by `new_record` or read by `load`, never changed."""

    schema_version: Literal[1, 2] = 2
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
    faces: tuple[BoundFace, ...] = Field(min_length=1)
    proof: Annotated[MadeProof | DeclaredProof, Field(discriminator="how")] | None = None
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
        if (self.proof is not None) != (self.kind is Kind.PERSONA):
            raise ValueError("a persona needs a proof, and only a persona has one")
        if self.kind is not Kind.PERSONA and ANY in self.purposes:
            raise ValueError("a person's consent names its purposes; 'any' is for personas only")
        if self.kind is not Kind.PERSONA and any(face.plain for face in self.faces):
            raise ValueError("a real person's face must be bound encrypted")
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
        return _SINCE_2 if self.schema_version == 1 else frozenset()

    @property
    def standing(self) -> str:
        """What is known about the person, in plain words that name nobody who is not public."""
        match self.proof:
            case MadeProof():
                return (
                    f"persona; nearest of {self.proof.compared_faces} real faces at"
                    f" {self.proof.nearest_distance:.2f}"
                )
            case DeclaredProof():
                return f"persona; declared by {self.proof.declared_by}, not verified"
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
