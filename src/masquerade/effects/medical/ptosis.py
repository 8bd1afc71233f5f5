"""Ptosis: an upper lid hangs over the eye.

Sign: the lid covers more of the iris than the other, as with a palsy of the third nerve, Horner's
syndrome or myasthenia.
"""

from __future__ import annotations

from masquerade.effects.lid import lowered
from masquerade.effects.portrait import Portrait
from masquerade.effects.sides import SIDES, sides_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = SIDES


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Let the lid down, at most over nine tenths of the eye."""
    for side in sides_of(word):
        portrait = lowered(portrait, side, 0.9 * amount)
    return portrait
