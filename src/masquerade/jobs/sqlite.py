"""The queue in a SQLite file, for workers on one machine."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from masquerade.errors import DiskFullError, MasqueradeError, OutputError
from masquerade.jobs.database import Connection, Row, Value
from masquerade.jobs.schema import SCHEMA
from masquerade.provenance.home import private_folder

_WAIT_S: Final = 30.0
_RETRY_S: Final = 0.01
_LOOK_EVERY_S: Final = 0.02
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")
_NO_ROOM: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")


class _SqliteConnection:
    """One transaction on a SQLite connection."""

    hold = own = ""  # whoever writes is alone anyway

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        return self._raw.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Value] = ()) -> int:
        return self._raw.execute(sql, values).rowcount


class Sqlite:
    """A queue in one file, in WAL mode: it lives through kill -9, and several processes share it.

    Args:
        path: The file; its folder is made, and both are kept from other users.
    """

    lock = ""
    quick = True

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._watching: sqlite3.Connection | None = None
        self._seen = -1
        try:
            private_folder(path.parent)
        except OSError as error:
            raise self._unusable(error) from error
        with self._held() as raw:
            raw.executescript(SCHEMA.format(int="INTEGER", real="REAL", serial="INTEGER"))
        path.chmod(0o600)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A context that gives a connection to read with."""
        with self._held() as raw:
            yield _SqliteConnection(raw)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A context that gives a connection; all of it is kept, or none."""
        with self._held() as raw:
            raw.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteConnection(raw)
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            raw.execute("COMMIT")

    def now_s(self) -> float:
        """This machine's time, in seconds since 1970."""
        return time.time()

    def wait(self, timeout_s: float) -> bool:
        """SQLite tells nobody: its counter of others' changes is looked at, which costs little."""
        until = time.monotonic() + timeout_s
        if self._watching is None:
            self._watching = self._opened()
        while True:
            (seen,) = self._watching.execute("PRAGMA data_version").fetchone()
            if seen != self._seen:
                self._seen = seen
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(min(_LOOK_EVERY_S, max(0.0, until - time.monotonic())))

    def close(self) -> None:
        """Lets go of all connections."""
        with self._guard:
            for raw in self._idle:
                raw.close()
            self._idle.clear()
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    @contextmanager
    def _held(self) -> Iterator[sqlite3.Connection]:
        """A connection that no other thread uses meanwhile."""
        with self._guard:
            raw = self._idle.pop() if self._idle else None
        try:
            raw = raw or self._opened()
            yield raw
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            if raw is not None:
                with self._guard:
                    self._idle.append(raw)

    def _opened(self) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
        until = time.monotonic() + _WAIT_S
        while True:  # SQLite does not wait by itself while others put a new file into WAL mode
            try:
                raw.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname not in _BUSY or time.monotonic() > until:
                    raise
                time.sleep(_RETRY_S)
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA foreign_keys = ON")
        return raw

    def _unusable(self, error: Exception) -> MasqueradeError:
        if getattr(error, "sqlite_errorname", "") in _NO_ROOM:
            return DiskFullError(
                f"no room to write the queue: {self._path} ({error})", "free space", "free some"
            )
        return OutputError(
            f"the queue cannot be used: {self._path} ({error})",
            "a SQLite file of this installation, in a folder that only you can write",
        )
