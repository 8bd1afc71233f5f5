"""Faces of one person in one file, read at random: pictures, masks, landmarks and figures.

    with Faceset.open(Path("a.faceset")) as faces:
        batch = faces.batch([7, 1, 30], side=128)

Nothing is kept in memory but a few megabytes, however many faces there are; a file from elsewhere
is read with limits, and one that is damaged is refused in words.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self, SupportsIndex

import numpy as np

from masquerade.errors import InputError
from masquerade.train.facesets.database import (
    ANEW,
    FileState,
    check_file,
    columns_of,
    connected,
    read_header,
    told,
)
from masquerade.train.facesets.pack import (
    FACE_COLUMNS,
    PICTURE_COLUMNS,
    PackedPicture,
    unpacked_floats,
    unpacked_landmarks,
    unpacked_mask,
    unpacked_pixels,
)
from masquerade.train.facesets.schema import (
    EXPRESSION,
    MOST_FACES,
    Expression,
    FaceBatch,
    FaceColumns,
    FaceRecord,
    FacesetHeader,
    Quality,
    SourceFile,
)
from masquerade.train.facesets.writer import FacesetWriter

__all__ = [
    "Expression",
    "FaceBatch",
    "FaceColumns",
    "FaceRecord",
    "Faceset",
    "FacesetHeader",
    "FacesetWriter",
    "Quality",
    "SourceFile",
]

_SOURCES: Final = (
    "SELECT substr(name, 1, 500), substr(sha256, 1, 64) FROM source ORDER BY id LIMIT ?"
)


class Faceset:
    """An open faceset; safe to use from several threads, and after a fork.

    What is read is of the file that was opened: one that is exchanged or changed meanwhile is
    refused, for its consent was checked as it was.

    Attributes:
        path: The file.
        header: What it says of itself.
        sources: The files its faces are from.
    """

    def __init__(
        self,
        path: Path,
        header: FacesetHeader,
        sources: tuple[SourceFile, ...],
        state: FileState,
    ) -> None:
        self.path = path
        self._state = state
        self.header = header
        self.sources = sources
        self._open: dict[tuple[int, int], sqlite3.Connection] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """The faceset in a file.

        Raises:
            InputError: It is none, was cut off or is damaged.
            LimitError: It is larger than any faceset may be.
        """
        path = Path(path)
        check_file(path)
        state = FileState.of(path)
        with told(path), closing(connected(path)) as connection:
            header = read_header(connection, path)
            rows = connection.execute(_SOURCES, (MOST_FACES,)).fetchall()
            sources = tuple(SourceFile(str(name), str(sha256)) for name, sha256 in rows)
        found = cls(path, header, sources, state)
        found.check_same()
        return found

    def __len__(self) -> int:
        return self.header.faces

    def __getitem__(self, index: SupportsIndex) -> FaceRecord:
        """One face at full size.

        Raises:
            IndexError: There is no such face.
            InputError: It is damaged.
        """
        row = self._id(index)
        with told(self.path):
            connection = self._connection()
            found = connection.execute(f"SELECT {FACE_COLUMNS} FROM face WHERE id = ?", (row,))  # noqa: S608
            record = self._record(found.fetchone(), self._packed(row))
        self.check_same()
        return record

    def __iter__(self) -> Iterator[FaceRecord]:
        return (self[index] for index in range(len(self)))

    def batch(self, indices: Sequence[int], *, side: int | None = None) -> FaceBatch:
        """Pictures, masks and landmarks of some faces, in the order asked for.

        Args:
            indices: Of faces; the same one may come twice.
            side: Width and height of the pictures; as stored where not given.

        Raises:
            IndexError: There is no such face.
            InputError: One is damaged.
        """
        stored = self.header.side_px
        size = side or stored
        count = len(indices)
        pixels = np.empty((count, size, size, 3), np.uint8)
        masks = np.empty((count, size, size), np.float32)
        landmarks = np.empty((count, 478, 3), np.float32)
        with told(self.path):
            for place, index in enumerate(indices):
                packed = self._packed(self._id(index))
                pixels[place] = unpacked_pixels(packed.pixels, stored, size)
                masks[place] = unpacked_mask(packed.mask, stored, size)
                landmarks[place] = unpacked_landmarks(packed.landmarks, stored, size)
        self.check_same()
        return FaceBatch(pixels, masks, landmarks, np.asarray(indices, np.int64).reshape(count))

    @cached_property
    def columns(self) -> FaceColumns:
        """Pose, expression, quality and identity of every face; about 700 bytes each.

        Raises:
            InputError: The file is damaged.
        """
        with told(self.path):
            found = columns_of(self._connection(), len(self))
        self.check_same()
        return found

    def packed(self, index: SupportsIndex) -> tuple[tuple[object, ...], PackedPicture]:
        """A face as it is stored, for copying it without another loss.

        Raises:
            IndexError: There is no such face.
            InputError: It is damaged.
        """
        row = self._id(index)
        with told(self.path):
            asked = f"SELECT {FACE_COLUMNS} FROM face WHERE id = ?"  # noqa: S608
            found = self._connection().execute(asked, (row,)).fetchone(), self._packed(row)
        self.check_same()
        return found

    def check_same(self) -> None:
        """Passes while the file is the one that was opened, unchanged.

        Raises:
            InputError: It is another one, or was changed or moved.
        """
        if FileState.of(self.path) != self._state:
            raise InputError(
                f"{self.path.name} was changed or exchanged while it was read",
                "the same file all through, as its consent was checked",
                "leave it alone while it is used, and give the same command again",
            )

    def source_of(self, face: tuple[object, ...]) -> SourceFile:
        """The file that a face, as `packed` gives it, is from.

        Raises:
            InputError: It is none of those listed.
        """
        number = face[0]
        if not (isinstance(number, int) and 0 <= number < len(self.sources)):
            raise InputError(f"{self.path.name}: a face is from no file of those listed", "", ANEW)
        return self.sources[number]

    def close(self) -> None:
        """Close the file; what was read stays."""
        for (process, _), connection in self._open.items():
            if process == os.getpid():
                connection.close()
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[object, ...]:
        """Opened anew in a worker process."""
        return _again, (type(self), self.path, self._state)

    def _id(self, index: SupportsIndex) -> int:
        place = index.__index__()
        if not -len(self) <= place < len(self):
            raise IndexError(f"face {place} of {len(self)}")
        return place % len(self)

    def _connection(self) -> sqlite3.Connection:
        """This thread's own: SQLite's must not be carried over a fork, and Python's are bound."""
        key = (os.getpid(), threading.get_ident())
        if key not in self._open:
            self._open[key] = connected(self.path)
        return self._open[key]

    def _packed(self, row: int) -> PackedPicture:
        asked = f"SELECT {PICTURE_COLUMNS} FROM picture WHERE id = ?"  # noqa: S608
        found = self._connection().execute(asked, (row,)).fetchone()
        if found is None:
            raise InputError(f"face {row} is missing", todo=ANEW)
        packed = PackedPicture(*found)
        if not all(isinstance(part, bytes) for part in packed[:3]) or not packed.is_whole:
            raise InputError(f"face {row} was changed or is damaged", todo=ANEW)
        return packed

    def _record(self, row: tuple[object, ...] | None, packed: PackedPicture) -> FaceRecord:
        if row is None:
            raise InputError("a face lacks its figures", todo=ANEW)
        _, pts, num, den, *figures, to_frame, embedding = row
        numbers = [float(value) for value in figures]  # type: ignore[arg-type]
        side = self.header.side_px
        return FaceRecord(
            pixels=unpacked_pixels(packed.pixels, side, side),
            mask=unpacked_mask(packed.mask, side, side),
            landmarks=unpacked_landmarks(packed.landmarks, side, side),
            to_frame=unpacked_floats(to_frame, (2, 3)),  # type: ignore[arg-type]
            pose_deg=(numbers[0], numbers[1], numbers[2]),
            expression=Expression(*numbers[3 : 3 + len(EXPRESSION)]),
            embedding=unpacked_floats(embedding, (128,)),  # type: ignore[arg-type]
            quality=Quality(*numbers[3 + len(EXPRESSION) :]),
            source=self.source_of(row),
            pts=int(pts),  # type: ignore[call-overload]
            time_base=Fraction(int(num), int(den)),  # type: ignore[call-overload]
        )


def _again(kind: type[Faceset], path: Path, state: FileState) -> Faceset:
    """The faceset in another process.

    Raises:
        InputError: It is not the file any more that was opened first.
    """
    found = kind.open(path)
    found._state = state
    found.check_same()
    return found
