"""What a build has done so far, on disk, so that a stopped one goes on.

A hidden folder beside the faceset, readable by its owner only, holds the faces found so far: those
of a piece are there as a whole or not at all, whenever the power goes. It is gone when the faceset
is there.
"""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import InputError, OutputError, RefusedError
from masquerade.provenance.home import only_one, private_folder
from masquerade.provenance.kept_parts import folder_for
from masquerade.train.collect.gather import Gathered, Packed, Piece
from masquerade.train.facesets.database import columns_of
from masquerade.train.facesets.pack import FACE_COLUMNS, PICTURE_COLUMNS, PackedPicture
from masquerade.train.facesets.schema import TABLES, FaceColumns, SourceFile
from masquerade.train.facesets.writer import FACE_ROW, PICTURE_ROW, written

_TABLES: Final = (*TABLES, "CREATE TABLE piece (key TEXT PRIMARY KEY, said TEXT NOT NULL)")


@dataclass(frozen=True, slots=True)
class Work:
    """The store of one build.

    Attributes:
        folder: Where it lies.
        out: The faceset that is built.
    """

    folder: Path
    out: Path
    database: sqlite3.Connection

    def find(self, piece: Piece) -> tuple[dict[str, int], tuple[str, ...]] | None:
        """What was left out of a piece, and its notes, when an earlier run finished it."""
        asked = self.database.execute("SELECT said FROM piece WHERE key = ?", (piece.key,))
        row = asked.fetchone()
        if row is None:
            return None
        left_out, notes = json.loads(row[0])
        return dict(left_out), tuple(notes)

    def put(self, piece: Piece, found: Gathered) -> None:
        """Keeps what a piece gave, as a whole.

        Raises:
            OutputError: The disk is full.
        """
        said = json.dumps([found.left_out, found.notes])
        with written(self.out):
            self.database.execute("BEGIN IMMEDIATE")
            try:
                source = self._source(piece.source)
                start = self.faces()
                for number, one in enumerate(found.faces, start):
                    self.database.execute(FACE_ROW, (number, source, *one.face[1:]))
                    self.database.execute(PICTURE_ROW, (number, *one.picture))
                self.database.execute("INSERT INTO piece VALUES (?, ?)", (piece.key, said))
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:
                    self.database.execute("ROLLBACK")
                raise

    def faces(self) -> int:
        """How many faces there are."""
        (last,) = self.database.execute("SELECT max(id) FROM face").fetchone()
        return 0 if last is None else int(last) + 1

    def columns(self) -> FaceColumns:
        """Their figures."""
        return columns_of(self.database, self.faces())

    def packed(self, index: int) -> tuple[Packed, SourceFile]:
        """One of them as it is written, and the file it is from."""
        asked = f"SELECT {FACE_COLUMNS} FROM face WHERE id = ?"  # noqa: S608
        face = self.database.execute(asked, (index,)).fetchone()
        name, sha256 = self.database.execute(
            "SELECT name, sha256 FROM source WHERE id = ?", (face[0],)
        ).fetchone()
        return Packed(face, self.picture(index)), SourceFile(name, sha256)

    def picture(self, index: int) -> PackedPicture:
        """The pictures of one of them."""
        asked = f"SELECT {PICTURE_COLUMNS} FROM picture WHERE id = ?"  # noqa: S608
        return PackedPicture(*self.database.execute(asked, (index,)).fetchone())

    def _source(self, source: SourceFile) -> int:
        known = self.database.execute(
            "SELECT id FROM source WHERE name = ? AND sha256 = ?", (source.name, source.sha256)
        ).fetchone()
        if known:
            return int(known[0])
        (count,) = self.database.execute("SELECT count(*) FROM source").fetchone()
        values = (count, source.name, source.sha256)
        self.database.execute("INSERT INTO source VALUES (?, ?, ?)", values)
        return int(count)


@contextmanager
def open_work(out: Path, job: str) -> Iterator[Work]:
    """The store of a build, held by this process alone.

    It is removed when the block ends, or ends with a refusal or an input that is of no use; what
    stops it otherwise leaves it to be gone on from.

    Args:
        out: The faceset; the folder lies beside it.
        job: Name of everything that decides the content.

    Raises:
        OutputError: Another run is at work on the same faceset, or the folder cannot be made.
    """
    folder = folder_for(out, job)
    with written(out):
        if folder.is_symlink():
            raise PermissionError(errno.EPERM, "it is a link to another place", str(folder))
        private_folder(folder)
    with only_one(folder / "lock", what=str(out)):
        (folder / "whole").unlink(missing_ok=True)
        database = _opened(folder / "faces", out)
        try:
            yield Work(folder, out, database)
        except (InputError, RefusedError):
            (folder / "faces").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            database.close()
    shutil.rmtree(folder, ignore_errors=True)


def _opened(path: Path, out: Path) -> sqlite3.Connection:
    """The store; a new one where there is none, or where it was damaged."""
    for again in (True, False):
        with written(out):
            database = sqlite3.connect(path, isolation_level=None)
        try:
            with written(out):
                database.execute("PRAGMA cache_size = -4096")
                found = database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
                if sorted(str(sql) for (sql,) in found.fetchall()) == sorted(_TABLES):
                    database.execute("SELECT max(id) FROM face").fetchone()
                    return database
                database.execute("BEGIN IMMEDIATE")
                for table in _TABLES:
                    database.execute(table)
                database.execute("COMMIT")
                return database
        except OutputError:
            database.close()
            if not again:
                raise
            path.unlink(missing_ok=True)
    raise OutputError(f"{path} cannot be opened")
