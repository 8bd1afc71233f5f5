"""Faces of one person in one file, read at random: pictures, masks, landmarks and figures.

    with Faceset.open(Path("a.faceset")) as faces:
        batch = faces.batch([7, 1, 30], side=128)

Nothing is kept in memory but a few megabytes, however many faces there are; a file from elsewhere
is read with limits, and one that is damaged is refused in words.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self, SupportsIndex

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.errors import InputError, LimitError
from masquerade.train.faceset_pack import (
    FACE_COLUMNS,
    PICTURE_COLUMNS,
    PackedPicture,
    unpacked_floats,
    unpacked_landmarks,
    unpacked_mask,
    unpacked_pixels,
)
from masquerade.train.faceset_schema import (
    APPLICATION,
    EXPRESSION,
    MOST_BLOB,
    MOST_BYTES,
    MOST_FACES,
    QUALITY,
    TABLES,
    VERSION,
    Expression,
    FaceBatch,
    FaceColumns,
    FaceRecord,
    FacesetHeader,
    Quality,
    SourceFile,
)
from masquerade.train.faceset_writer import FacesetWriter

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

_MAGIC: Final = b"SQLite format 3\0"
_CACHE_KIB: Final = 2048
_WANTED: Final = "a file made by `masquerade faceset build`"
_TODO: Final = "make it anew with `masquerade faceset build`, or take it from a backup"


class Faceset:
    """An open faceset; safe to use from several threads, and after a fork.

    Attributes:
        path: The file.
        header: What it says of itself.
        sources: The files its faces are from.
    """

    def __init__(self, path: Path, header: FacesetHeader, sources: tuple[SourceFile, ...]) -> None:
        self.path = path
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
        _check_file(path)
        with _told(path), closing(_connected(path)) as connection:
            header = _header(connection, path)
            rows = connection.execute("SELECT name, sha256 FROM source ORDER BY id").fetchall()
            sources = tuple(SourceFile(str(name), str(sha256)) for name, sha256 in rows)
        return cls(path, header, sources)

    def __len__(self) -> int:
        return self.header.faces

    def __getitem__(self, index: SupportsIndex) -> FaceRecord:
        """One face at full size.

        Raises:
            IndexError: There is no such face.
            InputError: It is damaged.
        """
        row = self._id(index)
        with _told(self.path):
            connection = self._connection()
            found = connection.execute(f"SELECT {FACE_COLUMNS} FROM face WHERE id = ?", (row,))  # noqa: S608
            return self._record(found.fetchone(), self._packed(row))

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
        with _told(self.path):
            for place, index in enumerate(indices):
                packed = self._packed(self._id(index))
                pixels[place] = unpacked_pixels(packed.pixels, stored, size)
                masks[place] = unpacked_mask(packed.mask, stored, size)
                landmarks[place] = unpacked_landmarks(packed.landmarks, stored, size)
        return FaceBatch(pixels, masks, landmarks, np.asarray(indices, np.int64).reshape(count))

    @cached_property
    def columns(self) -> FaceColumns:
        """Pose, expression, quality and identity of every face; about 700 bytes each.

        Raises:
            InputError: The file is damaged.
        """
        with _told(self.path):
            return columns_of(self._connection(), len(self))

    def packed(self, index: SupportsIndex) -> tuple[tuple[object, ...], PackedPicture]:
        """A face as it is stored, for copying it without another loss.

        Raises:
            IndexError: There is no such face.
            InputError: It is damaged.
        """
        row = self._id(index)
        with _told(self.path):
            asked = f"SELECT {FACE_COLUMNS} FROM face WHERE id = ?"  # noqa: S608
            return self._connection().execute(asked, (row,)).fetchone(), self._packed(row)

    def source_of(self, face: tuple[object, ...]) -> SourceFile:
        """The file that a face, as `packed` gives it, is from.

        Raises:
            InputError: It is none of those listed.
        """
        number = face[0]
        if not (isinstance(number, int) and 0 <= number < len(self.sources)):
            raise InputError(f"{self.path.name}: a face is from no file of those listed", "", _TODO)
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
        return type(self).open, (self.path,)

    def _id(self, index: SupportsIndex) -> int:
        place = index.__index__()
        if not -len(self) <= place < len(self):
            raise IndexError(f"face {place} of {len(self)}")
        return place % len(self)

    def _connection(self) -> sqlite3.Connection:
        """This thread's own: SQLite's must not be carried over a fork, and Python's are bound."""
        key = (os.getpid(), threading.get_ident())
        if key not in self._open:
            self._open[key] = _connected(self.path)
        return self._open[key]

    def _packed(self, row: int) -> PackedPicture:
        asked = f"SELECT {PICTURE_COLUMNS} FROM picture WHERE id = ?"  # noqa: S608
        found = self._connection().execute(asked, (row,)).fetchone()
        if found is None:
            raise InputError(f"face {row} is missing", todo=_TODO)
        packed = PackedPicture(*found)
        if not all(isinstance(part, bytes) for part in packed[:3]) or not packed.is_whole:
            raise InputError(f"face {row} was changed or is damaged", todo=_TODO)
        return packed

    def _record(self, row: tuple[object, ...] | None, packed: PackedPicture) -> FaceRecord:
        if row is None:
            raise InputError("a face lacks its figures", todo=_TODO)
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


def columns_of(database: sqlite3.Connection, count: int) -> FaceColumns:
    """The figures of all faces of a database that has the tables of a faceset.

    Args:
        database: The database.
        count: How many faces there are.

    Raises:
        InputError: There are more or less, or they are no figures.
    """
    names = ("yaw_deg", "pitch_deg", "roll_deg", *EXPRESSION, *QUALITY)
    figures = len(names)
    wanted = f"{', '.join(names)}, embedding, source, pts, base_num, base_den"
    rows = database.execute(f"SELECT {wanted} FROM face ORDER BY id")  # noqa: S608
    numbers = np.empty((count, figures), np.float32)
    embedding = np.empty((count, 128), np.float32)
    source, time_s = np.empty(count, np.int64), np.empty(count, np.float64)
    place = -1
    for place, row in enumerate(rows):
        if place >= count:
            raise InputError("there are more faces than the file says", todo=_TODO)
        numbers[place] = row[:figures]
        embedding[place] = unpacked_floats(row[figures], (128,))
        source[place] = row[figures + 1]
        time_s[place] = row[figures + 2] * row[figures + 3] / row[figures + 4]
    if place + 1 != count:
        raise InputError(f"there are {place + 1} faces", f"{count}, as the file says", _TODO)
    more = 3 + len(EXPRESSION)
    return FaceColumns(
        numbers[:, :3], numbers[:, 3:more], numbers[:, more:], embedding, source, time_s
    )


def columns_at(columns: FaceColumns, chosen: NDArray[np.int64]) -> FaceColumns:
    """The figures of some faces."""
    return FaceColumns(
        columns.pose_deg[chosen],
        columns.expression[chosen],
        columns.quality[chosen],
        columns.embedding[chosen],
        columns.source[chosen],
        columns.time_s[chosen],
    )


def _check_file(path: Path) -> None:
    """Passes when a file has the head of an SQLite database, and the length it states."""
    try:
        if not path.is_file():
            raise InputError(
                f"there is no file {path}", "a file made by `masquerade faceset build`"
            )
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    if len(head) < 100 or head[:16] != _MAGIC or head[68:72] != struct.pack(">I", APPLICATION):
        raise InputError(f"{path.name} is no faceset", _WANTED)
    if size > MOST_BYTES:
        raise LimitError(f"{path.name} has {size >> 30} GiB", f"at most {MOST_BYTES >> 30}")
    (page,), (pages,) = struct.unpack(">H", head[16:18]), struct.unpack(">I", head[28:32])
    stated = (65536 if page == 1 else page) * pages
    if size != stated:
        what = (
            f"{path.name} has {size} bytes, and was cut off"
            if size < stated
            else (f"{path.name} has {size} bytes, more than it says")
        )
        raise InputError(what, f"{stated} bytes", _TODO)


def _connected(path: Path) -> sqlite3.Connection:
    """The file opened for reading alone, whatever lies beside it."""
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BLOB)
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def _header(connection: sqlite3.Connection, path: Path) -> FacesetHeader:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        raise InputError(
            f"{path.name} is a faceset of version {version}",
            f"version {VERSION}",
            "use the Masquerade that made it, or a newer one",
        )
    # Only these tables and nothing that runs by itself, such as views and triggers.
    found = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    if sorted(str(sql) for (sql,) in found) != sorted(TABLES):
        raise InputError(f"{path.name} does not have the tables of a faceset", todo=_TODO)
    row = connection.execute("SELECT value FROM header WHERE name = 'faceset'").fetchone()
    try:
        header = FacesetHeader.model_validate_json(row[0] if row else "")
    except ValidationError as error:
        raise InputError(f"what {path.name} says of itself cannot be read", todo=_TODO) from error
    last = connection.execute("SELECT max(id) FROM face").fetchone()[0]
    if header.faces > MOST_FACES or (-1 if last is None else int(last)) + 1 != header.faces:
        raise InputError(f"{path.name} does not hold the faces it says", f"{header.faces}", _TODO)
    return header


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite says of a damaged file, in words."""
    try:
        yield
    except InputError as error:
        if path.name in error.found:
            raise
        raise InputError(f"{path.name}: {error.found}", error.expected, error.todo) from error
    except (sqlite3.Error, ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
        raise InputError(f"{path.name} is damaged: {error}", "a whole faceset", _TODO) from error
