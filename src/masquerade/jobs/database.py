"""What the queue asks of a database, SQLite or PostgreSQL: the same few calls, the same errors.

SQL is written once, with ``?`` for values; each database says how it counts rows, how it tells the
time, and how it keeps two workers from the same row.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from masquerade.errors import OutputError

Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Any, ...]


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
