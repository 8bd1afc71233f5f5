"""Files beside the media, such as pages, settings and charts: written whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from masquerade.errors import OutputError
from masquerade.media.endings import check_folder
from masquerade.provenance.home import sync_folder


def check_no_link(out: Path) -> None:
    """Passes when a file can be made where `out` lies, and would lie there.

    Raises:
        UsageError: The folder is missing.
        OutputError: `out` is a link to another place.
    """
    check_folder(out)
    if out.is_symlink():
        raise OutputError(
            f"{out} is a link to another place", "a file of its own", "choose another name"
        )


def put(out: Path, data: bytes) -> None:
    """Writes a file so that it appears whole or not at all.

    Args:
        out: Replaced if it exists.
        data: No generated media, which `masquerade.provenance.seal` alone may write.

    Raises:
        OutputError: It cannot be written, or is a link to another place.
    """
    check_no_link(out)
    part = out.with_name(f".{out.name[:100]}.{uuid4().hex[:8]}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error


def fill(out: Path, write: Callable[[Path], None]) -> None:
    """Makes a file that appears whole or not at all, for those that write by themselves.

    Args:
        out: Replaced if it exists.
        write: Given a name beside it at which nothing is; makes the file there.

    Raises:
        OutputError: It cannot be written.
    """
    fresh = out.with_name(f".{uuid4().hex[:8]}.{out.name}")
    try:
        try:
            write(fresh)
            fresh.replace(out)
            sync_folder(out.parent)
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error
