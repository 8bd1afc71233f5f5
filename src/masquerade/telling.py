"""Whom long work tells how far it is, and nobody, where nobody listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Told (what, done, in all or None)."""
Tell: TypeAlias = Callable[[str], None]
"""Told what somebody should know, in sentences."""


def no_progress(_what: str, _done: int, _total: int | None) -> None:
    """Nobody listens how far it is."""


def no_words(_words: str) -> None:
    """Nobody listens; whatever is to be known is told elsewhere."""
