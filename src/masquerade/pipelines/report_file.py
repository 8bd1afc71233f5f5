"""Files beside the media, such as pages, settings and charts: written whole, or not at all."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from masquerade.errors import OutputError
from masquerade.media.endings import check_folder
from masquerade.provenance.home import sync_folder

_LEFT_S: Final = 60  # a part that nobody has written to for so long was left by a run that is gone


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
    head = f".{out.name[:100]}."
    part = out.with_name(f"{head}{uuid4().hex[:8]}")
    try:
        _sweep(out.parent, re.compile(re.escape(head) + "[0-9a-f]{8}"))
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
    tail = f".{out.name}"
    fresh = out.with_name(f".{uuid4().hex[:8]}{tail}")
    try:
        _sweep(out.parent, re.compile("[.][0-9a-f]{8}" + re.escape(tail)))
        try:
            write(fresh)
            fresh.replace(out)
            sync_folder(out.parent)
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error


def _sweep(folder: Path, parts: re.Pattern[str]) -> None:
    """Removes what runs that were killed left of the same file."""
    for path in folder.iterdir():
        if parts.fullmatch(path.name) and not path.is_dir():
            with suppress(OSError):  # whoever else sweeps was first
                if time.time() - path.lstat().st_mtime > _LEFT_S:
                    path.unlink()
