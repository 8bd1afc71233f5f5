"""Where this installation's queue and the files of its jobs lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.jobs.files import Files
from masquerade.jobs.queue import Queue
from masquerade.jobs.sweep import Keep
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


def open_files(
    queue: Queue, *, keep: Keep | None = None, upload_mb: int = 4096, home: Path | None = None
) -> Files:
    """Uploads and results of this installation's jobs.

    Args:
        queue: The queue that they belong to.
        keep: How much room they may take.
        upload_mb: The largest upload, in megabytes.
        home: The installation's folder.
    """
    quota_bytes = round((keep or Keep()).quota_gb * 1e9)
    upload_bytes = upload_mb * 1_000_000
    return Files(
        studio_folder(home), queue.database, quota_bytes=quota_bytes, upload_bytes=upload_bytes
    )
