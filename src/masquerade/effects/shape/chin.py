"""The chin longer, or shorter below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the chin down."""
    return pushed(portrait, [Push(152, 0, 0.1 * amount, 0.26)])
