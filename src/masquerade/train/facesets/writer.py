"""A faceset written as a stream; it appears whole under its name, or not at all."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from masquerade.errors import OutputError, UsageError
from masquerade.provenance.home import sync_folder
from masquerade.train.facesets.pack import (
    FACE_COLUMNS,
    PICTURE_COLUMNS,
    PackedPicture,
    packed_face,
    packed_picture,
)
from masquerade.train.facesets.schema import (
    APPLICATION,
    MOST_FACES,
    TABLES,
    VERSION,
    FaceRecord,
    FacesetHeader,
    LeftOut,
    SourceFile,
)

FACE_ROW: Final = (
    f"INSERT INTO face (id, {FACE_COLUMNS}) VALUES"  # noqa: S608
    f" ({', '.join('?' * (FACE_COLUMNS.count(',') + 2))})"
)
PICTURE_ROW: Final = f"INSERT INTO picture (id, {PICTURE_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608


class FacesetWriter:
    """Writes one faceset, face by face; the same faces give the same bytes.

    Until it is finished the file lies beside its place under a hidden name, readable by its owner
    only; leaving the block by an error removes it.

    Example:
        >>> with FacesetWriter(path, header) as writer:  # doctest: +SKIP
        ...     writer.add(record)
    """

    def __init__(self, path: Path, header: FacesetHeader, *, work: Path | None = None) -> None:
        """A writer.

        Args:
            path: Where the faceset is to appear; what lies there is replaced at the end.
            header: What it says of itself; the number of faces is counted here.
            work: Where it lies until it is whole, in the same file system; beside its place where
                not given.

        Raises:
            OutputError: Nothing can be written there.
        """
        self.path = path
        self.header = header
        self.faces = 0
        self._work = work or path.with_name(f".{path.name}.{os.getpid()}.writing")
        self._sources: dict[SourceFile, int] = {}
        with written(path):
            self._work.unlink(missing_ok=True)
            self._database = new_database(self._work)

    def add(self, record: FaceRecord) -> None:
        """One more face.

        Raises:
            UsageError: Its pictures are not of the header's size, or there are too many faces.
            OutputError: It cannot be written, as on a full disk.
        """
        side = self.header.side_px
        if record.pixels.shape != (side, side, 3) or record.mask.shape != (side, side):
            raise UsageError(
                f"a face of {record.pixels.shape} in a faceset of {side} px", f"({side}, {side}, 3)"
            )
        self.add_packed(
            packed_face(record, 0), packed_picture(record, self.header.picture), record.source
        )

    def add_packed(
        self, face: tuple[object, ...], picture: PackedPicture, source: SourceFile
    ) -> None:
        """One more face as another faceset of the same geometry stores it.

        Args:
            face: The values of its row; the source's id is set here.
            picture: Its pictures.
            source: The file it is from.

        Raises:
            UsageError: There are too many faces.
            OutputError: It cannot be written.
        """
        if self.faces >= MOST_FACES:
            raise UsageError(f"more than {MOST_FACES} faces", "a smaller set", "add --most")
        with written(self.path):
            place = self._sources.setdefault(source, len(self._sources))
            self._database.execute(FACE_ROW, (self.faces, place, *face[1:]))
            self._database.execute(PICTURE_ROW, (self.faces, *picture))
        self.faces += 1

    def finish(self, *, left_out: Iterable[LeftOut] = (), notes: Iterable[str] = ()) -> None:
        """Put the whole file in its place.

        Args:
            left_out: What was not taken, besides what the header says.
            notes: Sentences on files of which nothing or not all was taken.

        Raises:
            OutputError: It cannot be written.
        """
        self.header = self.header.model_copy(
            update={
                "faces": self.faces,
                "left_out": (*self.header.left_out, *left_out),
                "notes": (*self.header.notes, *notes),
            }
        )
        rows = [(place, one.name, one.sha256) for one, place in self._sources.items()]
        with written(self.path):
            self._database.executemany("INSERT INTO source VALUES (?, ?, ?)", rows)
            self._database.execute(
                "INSERT INTO header VALUES ('faceset', ?)", (self.header.model_dump_json(),)
            )
            self._database.execute("COMMIT")
            self._database.close()
            handle = os.open(self._work, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            self._work.replace(self.path)
            sync_folder(self.path.absolute().parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            if kind is None and self._work.exists():
                self.finish()
        finally:
            self._database.close()
            with suppress(OSError):
                self._work.unlink(missing_ok=True)


def new_database(path: Path) -> sqlite3.Connection:
    """An empty faceset in a new file that its owner alone can read, in one open transaction.

    Raises:
        OSError: The file cannot be made.
        sqlite3.Error: Likewise.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, isolation_level=None)
    for setting in (
        f"application_id = {APPLICATION}",
        f"user_version = {VERSION}",
        "journal_mode = OFF",  # the file is thrown away unless it becomes whole
        "synchronous = OFF",
        "temp_store = MEMORY",
        "cache_size = -4096",
    ):
        database.execute(f"PRAGMA {setting}")
    database.execute("BEGIN")
    for table in TABLES:
        database.execute(table)
    return database


@contextmanager
def written(path: Path) -> Iterator[None]:
    """What goes wrong while a file is written, as words about that file.

    Raises:
        OutputError: In place of errors of the system and of SQLite.
    """
    try:
        yield
    except sqlite3.Error as error:
        full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
        if getattr(error, "sqlite_errorcode", None) in full:
            raise _full(path) from error
        raise OutputError(f"{path.name} cannot be written ({error})") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise _full(path) from error
        raise OutputError(f"{path} cannot be written ({error.strerror})") from error


def _full(path: Path) -> OutputError:
    return OutputError(
        f"no space left for {path.name}",
        "a disk with room for it",
        "free some space and give the same command again; it goes on where it was",
    )
