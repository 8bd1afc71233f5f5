"""Where this installation's queue and the files of its jobs lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.jobs.queue import Queue
from masquerade.provenance.home import home_dir

QUEUE_FILE: Final = "jobs.sqlite"


def studio_folder(home: Path | None = None) -> Path:
    """The folder of queue, uploads and results; see `masquerade.provenance.home`."""
    return home_dir(home) / "studio"


def open_queue(url: str = "", *, home: Path | None = None) -> Queue:
    """The queue: that of the installation, or the one of a PostgreSQL server.

    Args:
        url: Begins with ``postgresql://``; empty for the installation's own.
        home: The installation's folder.
    """
    return Queue(url or studio_folder(home) / QUEUE_FILE)
