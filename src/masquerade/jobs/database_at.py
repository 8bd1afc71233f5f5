"""Where the queue lies: SQLite in a file, or PostgreSQL by URL."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.errors import UsageError
from masquerade.jobs.database import Database
from masquerade.jobs.sqlite import Sqlite

_URLS: Final = ("postgresql://", "postgres://")


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
