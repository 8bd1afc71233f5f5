"""The two people of a training: their facesets, opened, and their consent, checked and measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.errors import ConsentError, InputError
from masquerade.faces.embed import SAME_PERSON, embed
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.models.trained_swap import TrainedOn
from masquerade.provenance.consent.check import check
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.faceset import Faceset
from masquerade.types import Embedding, Face, IdentityUse

METHOD: Final = "swap_neural"
_MEASURED: Final = 12  # faces that are measured anew
_STRANGERS: Final = 0.02  # of the faces, that may be unlike the rest: blurred, covered
_NOTED: Final = 3

Role = Literal["source", "target"]


@dataclass(frozen=True, slots=True)
class Person:
    """One side of a training.

    Attributes:
        role: The source's face is shown in the end, in place of the target's.
        faces: The open faceset.
        sha256: Of its file.
        record: Under which it is used.
        embedding: (128,) float32 identity as measured here.
        distance: Of it to the record's face.
    """

    role: Role
    faces: Faceset
    sha256: str
    record: ConsentRecord
    embedding: Embedding
    distance: float

    @property
    def trained_on(self) -> TrainedOn:
        """What the model's file says of this side."""
        return TrainedOn(faceset_sha256=self.sha256, faces=len(self.faces), consent=self.record.id)


def open_person(
    path: Path, role: Role, reader: FaceReader, *, tell: Callable[[str], None]
) -> Person:
    """One side of a training, when its consent holds for it and all its faces are of one person.

    Args:
        path: A faceset.
        role: Whose face it is.
        reader: The loaded face networks.
        tell: Told, in words, of faces that are unlike the rest.

    Raises:
        InputError: It is no faceset, is empty, or shows several people.
        ConsentError: Its record is missing, does not hold, or is of another face.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    faces = Faceset.open(path)
    if not len(faces):
        raise InputError(
            f"{path.name} holds no faces",
            "some hundreds of one person",
            "look at `masquerade faceset inspect`, and build it from more or better material",
        )
    _check_one_person(path, faces, tell)
    record = _record(path, faces)
    embedding = _measured(faces, reader)
    digest = file_sha256(path)
    use = IdentityUse(role, "face", embedding, digest, record.id)
    covered = check(record, use, purpose=faces.header.purpose, method=METHOD)
    return Person(role, faces, digest, record, embedding, covered.distance)


def _record(path: Path, faces: Faceset) -> ConsentRecord:
    if not faces.header.record:
        raise ConsentError(
            f"{path.name} has no consent record in it",
            "the record it was built under",
            "build it with --consent RECORD",
        )
    try:
        return ConsentRecord.model_validate_json(faces.header.record)
    except ValidationError as error:
        raise ConsentError(
            f"the consent record in {path.name} cannot be read", "the faceset as it was built"
        ) from error


def _check_one_person(path: Path, faces: Faceset, tell: Callable[[str], None]) -> None:
    """Passes when nearly all faces lie near their middle."""
    known = faces.columns.embedding
    middle = np.median(known, axis=0)
    away = np.flatnonzero(np.linalg.norm(known - middle, axis=1) > SAME_PERSON)
    if len(away) > _STRANGERS * len(known):
        sources = faces.columns.source[away]
        names = sorted({faces.sources[int(k)].name for k in sources})[:_NOTED]
        raise InputError(
            f"{len(away)} of {len(known)} faces in {path.name} are of somebody else,"
            f" from {', '.join(names)}",
            "faces of one person",
            "take them out with `masquerade faceset filter`",
        )
    if len(away):
        tell(f"{len(away)} of {len(known)} faces in {path.name} are unlike the rest")


def _measured(faces: Faceset, reader: FaceReader) -> Embedding:
    """(128,) the mean identity of some faces, clear ones over the whole set, as measured now."""
    sharp = faces.columns.quality[:, 1]
    parts = np.array_split(np.arange(len(faces)), min(_MEASURED, len(faces)))
    chosen = [int(part[sharp[part].argmax()]) for part in parts]
    found = [_embedded(faces, number, reader) for number in chosen]
    mean: NDArray[np.float32] = np.mean(found, axis=0, dtype=np.float32)
    return mean


def _embedded(faces: Faceset, number: int, reader: FaceReader) -> Embedding:
    one = faces[number]
    side = float(len(one.pixels))
    face = Face((0.0, 0.0, side, side), 1.0, one.landmarks, one.pose_deg)
    return embed(one.pixels, face, reader)
