"""Larger eyes, or smaller ones below zero."""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move upper and lower lids apart, and the outer corners a little out."""
    far = 0.034 * amount
    lids = [Push(159, 0, -far, 0.1), Push(386, 0, -far, 0.1)]
    lids += [Push(145, 0, far, 0.1), Push(374, 0, far, 0.1)]
    return pushed(portrait, [*lids, Push(33, -far / 2, 0, 0.1), Push(263, far / 2, 0, 0.1)])
