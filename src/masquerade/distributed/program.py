"""Which program this is, file by file: an update may leave the number of its version as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import MasqueradeError

_ENDINGS: Final = frozenset({".json", ".py", ".toml"})  # code, calibrations, presets
_DIGITS: Final = 12


@lru_cache(maxsize=1)
def program() -> str:
    """A name for all files of the program, as they were when it was first asked for."""
    digest = hashlib.sha256()
    for name, path in _files():
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def stamp() -> str:
    """The same by sizes and times alone, as they are now; other than before after an update."""
    digest = hashlib.sha256()
    for name, path in _files():
        try:
            now = path.stat()
        except OSError:  # an update is under way
            continue
        digest.update(f"{name}\0{now.st_size}\0{now.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:_DIGITS]


def check_stamp(before: str) -> None:
    """Passes where the program is as it was; parts of two programs do not fit together.

    Raises:
        MasqueradeError: It was updated meanwhile.
    """
    if stamp() != before:
        raise MasqueradeError(
            "the program was updated while this worker was at work",
            "one program in all its parts",
            "start the worker again; no job is lost",
        )


def _files() -> Iterator[tuple[str, Path]]:
    root = Path(masquerade.__file__).parent
    for path in sorted(root.rglob("*")):
        if path.suffix in _ENDINGS:
            yield path.relative_to(root).as_posix(), path
