"""Where the queue lies: SQLite in a file, or PostgreSQL by URL, behind the same few calls.

SQL is written once, with ``?`` for values; each database says how it counts rows, how it tells the
time, and how it keeps two workers from the same row.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from masquerade.errors import DiskFullError, MasqueradeError, OutputError, UsageError
from masquerade.jobs.schema import SCHEMA
from masquerade.provenance.home import private_folder

Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Any, ...]
_WAIT_S: Final = 30.0
_RETRY_S: Final = 0.01
_LOOK_EVERY_S: Final = 0.02
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")
_NO_ROOM: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")
_URLS: Final = ("postgresql://", "postgres://")


class QueueAwayError(OutputError):
    """The queue's server cannot be reached now, or ended what was under way; nothing was kept."""


class ClashError(OutputError):
    """Somebody else changed the same at the same moment; nothing was kept, asking again helps."""


class Connection(Protocol):
    """A connection within a transaction."""

    @property
    def hold(self) -> str:
        """What is put behind a query for rows that nobody is to change until this is over."""
        ...

    @property
    def own(self) -> str:
        """The same for rows that are changed here next."""
        ...

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """What a query gives."""
        ...

    def change(self, sql: str, values: Sequence[Value] = ()) -> int:
        """How many rows a statement changed."""
        ...


class Database(Protocol):
    """What the queue asks of a database."""

    @property
    def lock(self) -> str:
        """What is put behind a query for a row that other workers are to pass over."""
        ...

    @property
    def quick(self) -> bool:
        """Whether a read is over before a thread could be asked for it."""
        ...

    @property
    def place(self) -> str:
        """Where it lies: a file's name, or a URL."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A context that gives a connection to read with."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A context that gives a connection; all of it is kept, or none."""
        ...

    def now_s(self) -> float:
        """The database's time, in seconds since 1970: the same for all workers."""
        ...

    def wait(self, timeout_s: float) -> bool:
        """Waits until something may have changed; False where the time passed first.

        Where a server is lost meanwhile, something may have changed: the next call says so.
        """
        ...

    def close(self) -> None:
        """Lets go of all connections."""
        ...


def database_at(place: Path | str) -> Database:
    """The database of a queue.

    Args:
        place: A file, made on first use; or a URL that begins with ``postgresql://``.

    Raises:
        UsageError: The URL is of another kind, or the extra ``postgres`` is missing.
        QueueAwayError: The server cannot be reached.
        OutputError: The file cannot be used, or the server refuses.
    """
    text = str(place)
    if text.startswith(_URLS):
        from masquerade.jobs.postgres import Postgres

        return Postgres(text)
    if "://" in text:
        raise UsageError(
            f"the queue is to lie in {text.partition('://')[0]}", "a file, or postgresql://..."
        )
    return Sqlite(Path(text))


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
