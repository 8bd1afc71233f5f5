"""The jaw wider, or narrower below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the edge of the jaw to both sides."""
    places = ((172, -1, 0.07), (136, -1, 0.05), (397, 1, 0.07), (365, 1, 0.05))
    return pushed(
        portrait, [Push(point, side * far * amount, 0, 0.26) for point, side, far in places]
    )
