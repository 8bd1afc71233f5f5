"""Corners of the mouth up and out, cheeks raised; the other way round below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed
from masquerade.effects.sides import LEFT, RIGHT

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move corners, cheeks and lower lids as a smile does."""
    pushes: list[Push] = []
    for side in (RIGHT, LEFT):
        pushes += [
            Push(side.mouth_corner, side.outward * 0.055 * amount, -0.085 * amount, 0.16),
            Push(side.cheek, side.outward * 0.015 * amount, -0.03 * amount, 0.2),
            Push(side.lower_lid[4], 0, -0.012 * max(amount, 0), 0.08),
        ]
    return pushed(portrait, pushes)
