"""Bruise: a black eye.

Sign: blood under the skin around the eye, purple in the middle and yellowish at the rim.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.blotches import blotches
from masquerade.effects.portrait import Portrait
from masquerade.effects.sides import SIDES, sides_of
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = SIDES


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Shift lids and the skin under the eye towards purple, its surround towards yellow."""
    for side in sides_of(word):
        skin = portrait.skin(0.015) * np.float32(amount)
        under, above = side.lower_lid[4], side.upper_lid[4]
        near = portrait.spot(under, 0.1, across=1.6) + 0.7 * portrait.spot(above, 0.07, across=1.7)
        uneven = 0.5 + 0.5 * blotches(portrait, 0.05, seed=3)
        wide = portrait.spot(under, 0.17, across=1.5) - np.minimum(near, 1)
        rim = skin * np.clip(wide, 0, 1) * uneven
        portrait = shifted(portrait, rim.astype(np.float32), (-4.0, 2.0, 16.0))
        dark = skin * np.minimum(near, 1) * uneven
        portrait = shifted(portrait, dark.astype(np.float32), (-24.0, 12.0, -18.0))
    return portrait
