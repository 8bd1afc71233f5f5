"""Corners of the mouth up and out, cheeks raised; the other way round below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move corners, cheeks and lower lids as a smile does."""
    sides = (
        (side, corner, cheek, lid)
        for side, corner, cheek, lid in ((-1, 61, 205, 145), (1, 291, 425, 374))
    )
    pushes = [
        push
        for side, corner, cheek, lid in sides
        for push in (
            Push(corner, side * 0.055 * amount, -0.085 * amount, 0.16),
            Push(cheek, side * 0.015 * amount, -0.03 * amount, 0.2),
            Push(lid, 0, -0.012 * max(amount, 0), 0.08),
        )
    ]
    return pushed(portrait, pushes)
