"""A face bound to a consent record: its identity embedding, in plain or encrypted."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    model_validator,
)

from masquerade.errors import ConsentError, ProvenanceError, UsageError
from masquerade.provenance.keys import (
    decrypt,
    encrypt,
    key_fingerprint,
    public_text,
    rest_key,
    signing_key,
)
from masquerade.types import Embedding

DIMENSIONS = 128
_PURPOSE = "bound face"


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
    if plain:
        # Six digits are far below the noise of the network, and keep the file readable.
        return BoundFace(plain=tuple(round(float(value), 6) for value in vector))
    data = encrypt(vector.tobytes(), rest_key(home, _PURPOSE), record_id.encode())
    return BoundFace(
        encrypted=base64.b64encode(data).decode(),
        installation=key_fingerprint(public_text(signing_key(home))),
    )


def open_face(face: BoundFace, record_id: str, *, home: Path | None = None) -> Embedding:
    """(128,) float32, the embedding a record is bound to.

    Raises:
        ConsentError: It was encrypted by another installation, or was changed.
    """
    if face.plain:
        return np.asarray(face.plain, dtype=np.float32)
    own = key_fingerprint(public_text(signing_key(home)))
    if face.installation != own:
        raise ConsentError(
            f"the face of consent {record_id} was encrypted by installation {face.installation}",
            f"a record made by this installation ({own})",
            "make the record here, or do the work there",
        )
    try:
        data = base64.b64decode(face.encrypted, validate=True)
        opened = decrypt(data, rest_key(home, _PURPOSE), record_id.encode())
    except (ProvenanceError, ValueError) as error:
        raise ConsentError(f"the face bound to consent {record_id} cannot be opened") from error
    return np.frombuffer(opened, dtype="<f4").astype(np.float32)


def is_embedding(vector: Embedding) -> bool:
    """Whether this can be an identity embedding at all: a direction in 128 dimensions."""
    return vector.shape == (DIMENSIONS,) and bool(np.isfinite(vector).all()) and bool(vector.any())
