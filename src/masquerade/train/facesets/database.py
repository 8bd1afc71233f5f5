"""The database behind a faceset: opened for reading alone, checked, its damage told in words."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.errors import InputError, LimitError
from masquerade.train.facesets.pack import unpacked_floats
from masquerade.train.facesets.schema import (
    APPLICATION,
    EXPRESSION,
    MOST_BLOB,
    MOST_BYTES,
    MOST_FACES,
    QUALITY,
    TABLES,
    VERSION,
    FaceColumns,
    FacesetHeader,
)

_MAGIC: Final = b"SQLite format 3\0"
_CACHE_KIB: Final = 2048
_WANTED: Final = "a file made by `masquerade faceset build`"
ANEW: Final = "make it anew with `masquerade faceset build`, or take it from a backup"
"""What to do about a faceset that is damaged."""


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
            raise InputError("there are more faces than the file says", todo=ANEW)
        numbers[place] = row[:figures]
        embedding[place] = unpacked_floats(row[figures], (128,))
        source[place] = row[figures + 1]
        time_s[place] = row[figures + 2] * row[figures + 3] / row[figures + 4]
    if place + 1 != count:
        raise InputError(f"there are {place + 1} faces", f"{count}, as the file says", ANEW)
    if not (np.isfinite(numbers).all() and np.isfinite(time_s).all()):
        raise InputError("there are figures that are no numbers", todo=ANEW)
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


@dataclass(frozen=True, slots=True)
class FileState:
    """Which file it is, and when it was changed last: what the system keeps, not who wrote it.

    A file that is exchanged and put back again has another time of change.
    """

    device: int
    inode: int
    size: int
    written_ns: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """That of a file now.

        Raises:
            InputError: It is not there.
        """
        try:
            now = path.stat()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror})", _WANTED) from error
        return cls(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


def check_file(path: Path) -> None:
    """Passes when a file has the head of a faceset, and the length that it states.

    Raises:
        InputError: It has not, or cannot be read.
        LimitError: It is larger than any faceset may be.
    """
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
        raise InputError(what, f"{stated} bytes", ANEW)


def connected(path: Path) -> sqlite3.Connection:
    """The file opened for reading alone, whatever lies beside it."""
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BLOB)
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def read_header(connection: sqlite3.Connection, path: Path) -> FacesetHeader:
    """What a faceset says of itself, its tables being those of a faceset and nothing else.

    Raises:
        InputError: It is of another version, has other tables, or does not hold what it says.
    """
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
        raise InputError(f"{path.name} does not have the tables of a faceset", todo=ANEW)
    row = connection.execute("SELECT value FROM header WHERE name = 'faceset'").fetchone()
    try:
        header = FacesetHeader.model_validate_json(row[0] if row else "")
    except ValidationError as error:
        raise InputError(f"what {path.name} says of itself cannot be read", todo=ANEW) from error
    last = connection.execute("SELECT max(id) FROM face").fetchone()[0]
    if header.faces > MOST_FACES or (-1 if last is None else int(last)) + 1 != header.faces:
        raise InputError(f"{path.name} does not hold the faces it says", f"{header.faces}", ANEW)
    return header


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What goes wrong while a faceset is read, as words about that file.

    Raises:
        InputError: In place of errors of SQLite and of figures that are none.
    """
    try:
        yield
    except InputError as error:
        if path.name in error.found:
            raise
        raise InputError(f"{path.name}: {error.found}", error.expected, error.todo) from error
    except (sqlite3.Error, ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
        raise InputError(f"{path.name} is damaged: {error}", "a whole faceset", ANEW) from error
