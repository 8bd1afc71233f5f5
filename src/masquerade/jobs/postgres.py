"""The queue on a PostgreSQL server, for workers on several machines."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from masquerade.errors import MasqueradeError, OutputError, UsageError
from masquerade.jobs.database import Connection, Row, Value
from masquerade.jobs.schema import SCHEMA

if TYPE_CHECKING:
    import psycopg

_CHANNEL: Final = "masquerade_jobs"
_SCHEMA_LOCK: Final = 7_265_172  # any number; processes that start together make tables in turn
_CONNECT_S: Final = 10


class _PostgresConnection:
    """One transaction on a connection to the server."""

    hold = " FOR SHARE"

    def __init__(self, raw: psycopg.Connection[Row]) -> None:
        self._raw = raw

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        return self._raw.execute(_told(sql), values).fetchall()

    def change(self, sql: str, values: Sequence[Value] = ()) -> int:
        return self._raw.execute(_told(sql), values).rowcount


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
        self._errors = psycopg.Error
        with self.writing() as connection:
            connection.rows("SELECT pg_advisory_xact_lock(?)", (_SCHEMA_LOCK,))
            text = SCHEMA.format(int="BIGINT", real="DOUBLE PRECISION", serial="BIGSERIAL")
            for statement in filter(str.strip, text.split(";")):
                connection.change(statement)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A context that gives a connection to read with."""
        with self._held() as raw, raw.transaction():
            yield _PostgresConnection(raw)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A context that gives a connection; all of it is kept, or none."""
        with self._held() as raw, raw.transaction():
            yield _PostgresConnection(raw)
            raw.execute(_told(f"NOTIFY {_CHANNEL}"))

    def now_s(self) -> float:
        """The server's time, in seconds since 1970."""
        with self.reading() as connection:
            row = connection.rows("SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8")[0]
        return float(row[0])

    def wait(self, timeout_s: float) -> bool:
        """Waits until something may have changed; False where the time passed first."""
        try:
            if self._listening is None:
                self._listening = self._opened()
                self._listening.execute(_told(f"LISTEN {_CHANNEL}"))
                return True
            for _ in self._listening.notifies(timeout=timeout_s, stop_after=1):
                return True
        except self._errors as error:
            self._listening = None
            time.sleep(min(1.0, timeout_s))
            raise self._unusable(error) from error
        return False

    def close(self) -> None:
        """Lets go of all connections."""
        with self._guard:
            for raw in self._idle:
                raw.close()
            self._idle.clear()
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    @contextmanager
    def _held(self) -> Iterator[psycopg.Connection[Row]]:
        """A connection that no other thread uses meanwhile; a broken one is not used again."""
        with self._guard:
            raw = self._idle.pop() if self._idle else None
        try:
            raw = raw or self._opened()
            yield raw
        except self._errors as error:
            raise self._unusable(error) from error
        finally:
            if raw is not None:
                self._put_back(raw)

    def _put_back(self, raw: psycopg.Connection[Row]) -> None:
        if raw.closed or raw.broken:
            with suppress(self._errors):
                raw.close()
            return
        with self._guard:
            self._idle.append(raw)

    def _opened(self) -> psycopg.Connection[Row]:
        import psycopg

        return psycopg.connect(self._url, autocommit=True, connect_timeout=_CONNECT_S)

    def _unusable(self, error: Exception) -> MasqueradeError:
        found = " ".join(str(error).split())
        return OutputError(
            f"the queue's server cannot be used: {found}",
            "a PostgreSQL server that lets this user make tables",
            "check the URL, and that the server runs",
        )


def _told(sql: str) -> Any:
    """The statement as psycopg takes it: its texts come from this package alone."""
    return sql.replace("?", "%s")
