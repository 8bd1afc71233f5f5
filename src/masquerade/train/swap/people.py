"""The two people of a training: their facesets, opened, and their consent, checked and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from masquerade.errors import ConsentError, InputError
from masquerade.faces.embed import SAME_PERSON
from masquerade.faces.readers import FaceReader
from masquerade.models.trained.swap import TrainedOn
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.collect.consent import admit, check_learning
from masquerade.train.collect.limits import METHOD
from masquerade.train.facesets.faceset import Faceset
from masquerade.train.loader import check_count
from masquerade.types import Embedding

_STRANGERS: Final = 0.02  # of the faces, that may be unlike the rest: blurred, covered
_NOTED: Final = 3
_RANGES: Final = 12

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
        InputError: It is no faceset, holds too few faces, or shows several people.
        ConsentError: Its record is missing, does not hold, or is of another face.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    faces = Faceset.open(path)
    check_count(path.name, len(faces))
    _check_one_person(path, faces, tell)
    found = admit(faces, role=role, method=METHOD, reader=reader)
    return Person(role, faces, found.sha256, found.record, found.embedding, found.distance)


def check_purpose(source: Person, target: Person) -> None:
    """Passes when the target's record covers what the source's faces were collected for.

    Previews and swaps are made for that purpose, with what was learned of both.

    Raises:
        ConsentError: It does not.
    """
    purpose = source.faces.header.purpose
    try:
        check_learning(
            target.record, target.embedding, sha256=target.sha256, purpose=purpose, role="target"
        )
    except ConsentError as error:
        raise ConsentError(
            f"{source.faces.path.name} was built for {purpose!r}; of the target, {error.found}",
            error.expected,
            "build both facesets for one purpose, which both records cover",
        ) from error


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in words, as `--without` takes them; the first few.

    Example:
        >>> _ranges([3, 4, 5, 9])
        '3-5, 9'
    """
    parts: list[list[int]] = []
    for one in numbers:
        if parts and parts[-1][1] == one - 1:
            parts[-1][1] = one
        else:
            parts.append([one, one])
    said = [f"{first}-{last}" if last > first else f"{first}" for first, last in parts]
    return ", ".join(said[:_RANGES]) + (" and more" if len(said) > _RANGES else "")


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
            f" from {', '.join(names)}: numbers {_ranges(away.tolist())}",
            "faces of one person",
            "look at them with `masquerade faceset inspect --contact`, and take them out with"
            " `masquerade faceset filter --without`",
        )
    if len(away):
        tell(f"{len(away)} of {len(known)} faces in {path.name} are unlike the rest")
