"""Fuller lips, or thinner ones below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the upper lip up and the lower lip down, each at three points."""
    upper = [Push(point, 0, -0.028 * amount, 0.075) for point in (0, 39, 269)]
    lower = [Push(point, 0, 0.033 * amount, 0.08) for point in (17, 181, 405)]
    return pushed(portrait, [*upper, *lower])
