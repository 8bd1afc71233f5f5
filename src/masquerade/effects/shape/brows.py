"""Raised brows, or lowered ones below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the brows up, and what lies between them and the lids a little."""
    far = -0.068 * amount
    return pushed(portrait, [Push(point, 0, far, 0.15) for point in (105, 334)])
