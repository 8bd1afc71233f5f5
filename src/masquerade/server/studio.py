"""All that a running server holds; the API and the pages are built on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from masquerade.jobs.place import open_queue
from masquerade.jobs.queue import Queue
from masquerade.server.settings import Settings


@dataclass(frozen=True, slots=True)
class Studio:
    """What every request works with.

    Attributes:
        settings: How the server is run.
        queue: Jobs.
        home: The installation's folder; None for the usual one.
    """

    settings: Settings
    queue: Queue
    home: Path | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, *, home: Path | None = None) -> Studio:
        """A studio on this installation's folder, or on a database server."""
        chosen = settings or Settings()
        return cls(chosen, open_queue(chosen.queue, home=home), home)
