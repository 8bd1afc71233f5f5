"""Two that change the same rows at once: one of them is told so by the server, and asks again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from masquerade.jobs.database import ClashError

Given = ParamSpec("Given")
Told = TypeVar("Told")

TRIES: Final = 6
_PAUSE_S: Final = 0.02


def settled(ask: Callable[Given, Told]) -> Callable[Given, Told]:
    """The same call, which is made again where somebody else was quicker with the same rows.

    Example:
        >>> tries = []
        >>> @settled
        ... def ask() -> int:
        ...     tries.append(1)
        ...     if len(tries) < 3:
        ...         raise ClashError("another one was quicker")
        ...     return len(tries)
        >>> ask()
        3
    """

    @wraps(ask)
    def asked(*given: Given.args, **named: Given.kwargs) -> Told:
        for turn in range(1, TRIES):
            try:
                return ask(*given, **named)
            except ClashError:
                time.sleep(random.uniform(0, turn * _PAUSE_S))  # noqa: S311  nothing secret
        return ask(*given, **named)

    return asked
