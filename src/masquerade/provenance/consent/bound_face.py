"""A face bound to a consent record: its identity embedding, in plain or encrypted."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    model_validator,
)

from masquerade.errors import UsageError
from masquerade.provenance.consent.bound_embedding import Kept, keep, opened
from masquerade.types import Embedding

DIMENSIONS = 128
_WHAT: Final = "face"


class BoundFace(BaseModel):
    """An identity embedding: in plain, or encrypted by one installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plain: tuple[FiniteFloat, ...] | None = Field(
        default=None, min_length=DIMENSIONS, max_length=DIMENSIONS
    )
    encrypted: Annotated[str, StringConstraints(max_length=2000)] = ""
    installation: Annotated[str, StringConstraints(max_length=16)] = ""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.plain) == bool(self.encrypted and self.installation):
            raise ValueError("an embedding is either plain or encrypted")
        return self


def bind_face(
    embedding: Embedding, record_id: str, *, plain: bool, home: Path | None = None
) -> BoundFace:
    """The embedding as a record keeps it.

    Args:
        embedding: (128,) float32.
        record_id: The record it belongs to; an encrypted one opens under that id only.
        plain: For a persona.
        home: The installation's folder.

    Raises:
        UsageError: It is not a finite vector of 128.
        ProvenanceError: Keys cannot be used.
    """
    vector = np.asarray(embedding, dtype="<f4")
    if not is_embedding(vector):
        raise UsageError(f"an embedding of shape {vector.shape}", f"({DIMENSIONS},), finite")
    return BoundFace(**asdict(keep(vector, record_id, what=_WHAT, plain=plain, home=home)))


def open_face(face: BoundFace, record_id: str, *, home: Path | None = None) -> Embedding:
    """(128,) float32, the embedding a record is bound to.

    Raises:
        ConsentError: It was encrypted by another installation, or was changed.
    """
    kept = Kept(face.plain, face.encrypted, face.installation)
    return opened(kept, record_id, what=_WHAT, home=home)


def is_embedding(vector: Embedding) -> bool:
    """Whether this can be an identity embedding at all: a direction in 128 dimensions."""
    return vector.shape == (DIMENSIONS,) and bool(np.isfinite(vector).all()) and bool(vector.any())
