"""The queue on a PostgreSQL server, for workers on several machines."""

from __future__ import annotations

import re
import selectors
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from masquerade.errors import DiskFullError, MasqueradeError, OutputError, UsageError
from masquerade.jobs.database import ClashError, Connection, QueueAwayError, Row, Value
from masquerade.jobs.schema import SCHEMA

if TYPE_CHECKING:
    import psycopg

_CHANNEL: Final = "masquerade_jobs"
_SCHEMA_LOCK: Final = 7_265_172  # any number; processes that start together make tables in turn
_ALIVE: Final = {  # a server that is cut off is noticed within half a minute
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_DISK_FULL: Final = "53100"


class _PostgresConnection:
    """One transaction on a connection to the server.

    Attributes:
        changed: Whether it changed anything, so that those who wait are told.
    """

    hold = " FOR SHARE"
    own = " FOR UPDATE"

    def __init__(self, raw: psycopg.Connection[Row]) -> None:
        self._raw = raw
        self.changed = False

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        return self._raw.execute(_told(sql), values).fetchall()

    def change(self, sql: str, values: Sequence[Value] = ()) -> int:
        count = self._raw.execute(_told(sql), values).rowcount
        self.changed |= count > 0
        return count


class Postgres:
    """A queue on a server; every change is told to those who wait.

    Args:
        url: Such as ``postgresql://user@host/name``.
    """

    lock = " FOR UPDATE SKIP LOCKED"
    quick = False  # the server may be far away

    def __init__(self, url: str) -> None:
        self.place = self._url = url
        self._idle: list[psycopg.Connection[Row]] = []
        self._guard = threading.Lock()
        self._listening: psycopg.Connection[Row] | None = None
        try:
            import psycopg
        except ImportError as error:
            raise UsageError(
                "the queue is to lie on a PostgreSQL server, and its library is not installed",
                "the extra postgres",
                "pip install 'masquerade[postgres]'",
            ) from error
        self._psycopg = psycopg
        self._make_tables()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A context that gives a connection to read with."""
        with self._held() as raw, raw.transaction():
            yield _PostgresConnection(raw)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A context that gives a connection; all of it is kept, or none."""
        with self._held() as raw, raw.transaction():
            connection = _PostgresConnection(raw)
            yield connection
            if connection.changed:  # else those who wait would wake each other without end
                raw.execute(_told(f"NOTIFY {_CHANNEL}"))

    def now_s(self) -> float:
        """The server's time, in seconds since 1970."""
        with self._held() as raw:
            query = "SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8"
            return float(_PostgresConnection(raw).rows(query)[0][0])

    def wait(self, timeout_s: float) -> bool:
        """Waits until something may have changed; False where the time passed first.

        Where the server is lost meanwhile, something may have changed: the next call says so.
        """
        try:
            if self._listening is None:
                self._listening = self._opened()
                self._listening.execute(_told(f"LISTEN {_CHANNEL}"))
                return True
            told = list(self._listening.notifies(timeout=timeout_s, stop_after=1))
            told += self._listening.notifies(timeout=0)  # by now: all of that is one change
            return bool(told)
        except self._psycopg.OperationalError:
            if self._listening is not None:
                with suppress(self._psycopg.Error):
                    self._listening.close()
                self._listening = None
            time.sleep(min(1.0, timeout_s))
            return True

    def close(self) -> None:
        """Lets go of all connections."""
        with self._guard:
            for raw in self._idle:
                raw.close()
            self._idle.clear()
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _make_tables(self) -> None:
        """Makes what is missing; where nothing is, nobody who is at work has to wait for it."""
        wanted = re.findall(r"IF NOT EXISTS (\w+)", SCHEMA)
        marks = ", ".join("?" * len(wanted))
        with self.writing() as connection:
            (found,) = connection.rows(
                f"SELECT COUNT(*) FROM pg_class WHERE relname IN ({marks})"  # noqa: S608
                " AND pg_table_is_visible(oid)",
                wanted,
            )
            if found[0] == len(wanted):
                return
            connection.rows("SELECT pg_advisory_xact_lock(?)", (_SCHEMA_LOCK,))
            text = SCHEMA.format(int="BIGINT", real="DOUBLE PRECISION", serial="BIGSERIAL")
            for statement in filter(str.strip, text.split(";")):
                connection.change(statement)

    @contextmanager
    def _held(self) -> Iterator[psycopg.Connection[Row]]:
        """A connection that no other thread uses meanwhile; a broken one is not used again."""
        raw: psycopg.Connection[Row] | None = None
        try:
            raw = self._kept() or self._opened()
            yield raw
        except self._psycopg.Error as error:
            raise self._unusable(error) from error
        finally:
            if raw is not None:
                self._put_back(raw)

    def _kept(self) -> psycopg.Connection[Row] | None:
        """A connection that was used before, if one is left whose server still listens."""
        while True:
            with self._guard:
                raw = self._idle.pop() if self._idle else None
            if raw is None or not _has_news(raw):
                return raw
            with suppress(self._psycopg.Error):
                raw.close()

    def _put_back(self, raw: psycopg.Connection[Row]) -> None:
        if raw.closed or raw.broken:
            with suppress(self._psycopg.Error):
                raw.close()
            return
        with self._guard:
            self._idle.append(raw)

    def _opened(self) -> psycopg.Connection[Row]:
        where = self._psycopg.conninfo.make_conninfo(self._url, **_ALIVE)
        return self._psycopg.connect(where, autocommit=True)

    def _unusable(self, error: psycopg.Error) -> MasqueradeError:
        found = " ".join(str(error).split())
        kinds = self._psycopg.errors
        clashes = (kinds.DeadlockDetected, kinds.SerializationFailure, kinds.UniqueViolation)
        if isinstance(error, clashes):
            return ClashError(f"the queue was changed by another one ({found})", "", "ask again")
        if error.sqlstate == _DISK_FULL:
            return DiskFullError(f"the queue's server has no room ({found})", "free space")
        away = isinstance(error, self._psycopg.OperationalError)
        return (QueueAwayError if away else OutputError)(
            f"the queue's server cannot be used: {found}",
            "a PostgreSQL server that lets this user make tables",
            "check the URL, and that the server runs",
        )


def _has_news(raw: psycopg.Connection[Row]) -> bool:
    """Whether something came while nobody asked: a server that ends says so, or just goes."""
    try:
        with selectors.DefaultSelector() as look:
            look.register(raw.fileno(), selectors.EVENT_READ)
            return bool(look.select(0))
    except (OSError, ValueError, raw.OperationalError):
        return True


def _told(sql: str) -> Any:
    """The statement as psycopg takes it: its texts come from this package alone."""
    return sql.replace("?", "%s")
