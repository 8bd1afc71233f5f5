"""Faults of ours, noted where we can look for them: which lines of code, never what was worked on.

A message of an error may hold names, words or paths of somebody's files; lines of code hold none.
"""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from masquerade.errors import ProvenanceError
from masquerade.provenance.home import home_dir, write_private

FILE: Final = "debug.log"
_MOST_BYTES: Final = 1_000_000
_PACKAGES: Final = ("site-packages", "src", "lib")


def note(what: str, error: BaseException, *, home: Path | None = None) -> None:
    """Notes where in the code an error arose; where it cannot be written, nothing is noted.

    Args:
        what: What was done, in a word.
        error: What nobody foresaw.
        home: The installation's folder.
    """
    text = "\n".join(_lines(what, error)) + "\n"
    with suppress(OSError, ProvenanceError):
        place = home_dir(home) / FILE
        if place.exists() and place.stat().st_size > _MOST_BYTES:
            write_private(place, place.read_bytes()[-_MOST_BYTES // 2 :])
        number = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(number, "a", encoding="utf-8") as file:
            file.write(text)


def _lines(what: str, error: BaseException) -> list[str]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    told = [f"{now} {what}: {type(error).__name__}"]
    cause = error.__cause__ or error.__context__
    told += [
        f"  {_plain(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    if cause is not None:
        told.append(f"  after {type(cause).__name__}")
    return told


def _plain(filename: str) -> str:
    """A file of code by its place in its package, wherever that is installed."""
    parts = Path(filename).parts
    last = max((at for at, part in enumerate(parts) if part in _PACKAGES), default=len(parts) - 2)
    return "/".join(parts[last + 1 :])
