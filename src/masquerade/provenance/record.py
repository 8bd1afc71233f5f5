"""What a consent record says: the document itself, its rules, and its words."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from masquerade.provenance.bound_face import BoundFace
from masquerade.provenance.canonical import canonical_bytes
from masquerade.types import Modality

ANY = "any"
MAX_YEARS = 10

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Word = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Media = Literal["still", "animation", "video", "audio"]


class Kind(StrEnum):
    """Whose face or voice it is. Estates of the dead follow in a later version."""

    SUBJECT = "subject"
    PERSONA = "persona"
    PERFORMER = "performer"


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


class MadeProof(_Part):
    """Proof that no such person exists: how the face was made, and how far real faces are."""

    how: Literal["made"] = "made"
    recipe_sha256: Sha256
    """SHA-256 of the recipe the face was made by."""
    nearest_distance: float = Field(ge=0, le=10)
    """Embedding distance to the nearest of the real faces it was compared with."""
    compared_faces: int = Field(ge=1)
    """How many real faces that were."""


class DeclaredProof(_Part):
    """Somebody's word that no such person exists: not verified, and shown as such."""

    how: Literal["declared"] = "declared"
    declared_by: Text
    """Who says so."""
    proof_sha256: Sha256
    """SHA-256 of the file they rest it on."""


class ConsentRecord(_Part):
    """One signed consent record. Made by `new_record` or read by `load`, never changed."""

    schema_version: Literal[1] = 1
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
    adult_attested: Literal[True]
    """The signer attests that the person is, or the persona looks, of age."""
    reference_sha256: tuple[Sha256, ...] = ()
    """SHA-256 of the photos the face was taken from."""
    faces: tuple[BoundFace, ...] = Field(min_length=1)
    proof: Annotated[MadeProof | DeclaredProof, Field(discriminator="how")] | None = None
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

    def signed_bytes(self) -> bytes:
        """What the signature is over: everything but itself, as canonical JSON."""
        return canonical_bytes(self.model_dump(mode="json", exclude={"signature"}))

    def text(self) -> str:
        """The record as it is kept in a file."""
        values = ConsentRecord.model_dump(self, mode="json")
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    @property
    def standing(self) -> str:
        """What is known about the person, in plain words."""
        match self.proof:
            case MadeProof():
                return (
                    f"persona; nearest of {self.proof.compared_faces} real faces at"
                    f" {self.proof.nearest_distance:.2f}"
                )
            case DeclaredProof():
                return f"persona; declared by {self.proof.declared_by}, not verified"
            case None:
                return self.kind.value

    def lines(self) -> list[str]:
        """The record in plain words."""
        return [
            f"consent {self.id}: {self.subject} ({self.standing})",
            f"  for        {self.grantee}",
            f"  may use    {', '.join(self.modality)}, by {', '.join(self.methods)}"
            f" in {', '.join(self.media)}",
            f"  purposes   {', '.join(self.purposes)}",
            f"  territory  {self.territory}",
            f"  valid      {self.valid_from:%Y-%m-%d} to {self.valid_until:%Y-%m-%d}",
            f"  bound to   {len(self.faces)} face(s), {len(self.reference_sha256)} file(s)",
            f"  signed by  {self.signer}",
        ]
