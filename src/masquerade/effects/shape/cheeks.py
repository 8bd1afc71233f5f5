"""Fuller cheeks, or hollow ones below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the edge of the cheeks to both sides."""
    places = ((132, -1), (213, -1), (361, 1), (433, 1))
    return pushed(portrait, [Push(point, side * 0.05 * amount, 0, 0.22) for point, side in places])
