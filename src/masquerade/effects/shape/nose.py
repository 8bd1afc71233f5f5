"""A wider nose, or a narrower one below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the wings of the nose apart."""
    return pushed(
        portrait, [Push(129, -0.056 * amount, 0, 0.11), Push(358, 0.056 * amount, 0, 0.11)]
    )
