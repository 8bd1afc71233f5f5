"""From a word to an executor: processes of this machine, or a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from masquerade.errors import UsageError
from masquerade.pipelines.executor import Executor

_LOCAL: Final = re.compile(r"local:(\d{1,4})")
_ADDRESS: Final = re.compile(r"auto|[\w.\-\[\]:]+:\d{1,5}")
HELP: Final = (
    "auto or HOST:PORT: a cluster of machines (docs/scale.md); local:N: N processes of this one"
)


def check_place(place: str) -> None:
    """Passes where a word can name a place; nothing is opened.

    Raises:
        UsageError: It cannot.

    Example:
        >>> check_place("local:2")
    """
    if place and not _LOCAL.fullmatch(place) and not _ADDRESS.fullmatch(place):
        raise UsageError(f"{place!r} is no place for work", "auto, HOST:PORT or local:N")


@contextmanager
def opened_executor(place: str) -> Iterator[Executor | None]:
    """Where pieces of work go, until the block ends; None for an empty word: nowhere else.

    Args:
        place: ``auto``, ``HOST:PORT``, ``local:N``, or nothing.

    Raises:
        UsageError: It is none of these, or nothing answers there.
    """
    if not place:
        yield None
        return
    check_place(place)
    from masquerade.distributed.local import LocalExecutor
    from masquerade.distributed.ray import RayExecutor

    local = _LOCAL.fullmatch(place)
    executor: LocalExecutor | RayExecutor
    executor = LocalExecutor(int(local[1])) if local else RayExecutor(place)
    try:
        yield executor
    finally:
        executor.close()
