"""Bruise: a black eye.

Sign: blood under the thin skin around the eye, which stays within the rim of the orbit: purple in
the lids and below them, red at the edge, yellowish around it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.blotches import blotches
from masquerade.effects.pigment import BILIRUBIN, BLOOD, DARK_BLOOD, pigmented
from masquerade.effects.portrait import Portrait
from masquerade.effects.sides import LEFT, SIDES, sides_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = SIDES

_ORBITS: Final = {
    True: (446, 261, 448, 449, 450, 451, 452, 453, 464, 413, 441, 442, 443, 444, 445, 342),
    False: (226, 31, 228, 229, 230, 231, 232, 233, 244, 189, 221, 222, 223, 224, 225, 113),
}  # around the lids, of the person's left eye and of the right
_RIMS: Final = {
    True: (372, 340, 346, 347, 348, 349, 350, 357, 465, 413, 441, 442, 443, 444, 445, 342),
    False: (143, 111, 117, 118, 119, 120, 121, 128, 245, 189, 221, 222, 223, 224, 225, 113),
}  # down to the lower rim of the orbit


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Dark blood in the lids and below, red at the edge of it, yellow at the rim of the orbit."""
    for side in sides_of(word):
        skin = portrait.skin(0.01) * np.float32(amount)
        left = side is LEFT
        core, rim = portrait.area([_ORBITS[left]], 0.035), portrait.area([_RIMS[left]], 0.06)
        uneven = 0.55 + 0.6 * blotches(portrait, 0.035, seed=3)
        ragged = np.clip(core + 0.5 * (blotches(portrait, 0.05, seed=4) - 0.5) * rim, 0, 1)
        around = np.clip(rim - 0.8 * ragged, 0, 1)
        yellow = np.asarray(0.30 * skin * around, np.float32)
        portrait = pigmented(portrait, yellow, BILIRUBIN)
        red = np.asarray(0.26 * skin * around * uneven, np.float32)
        portrait = pigmented(portrait, red, BLOOD)
        dark = np.asarray(0.68 * skin * ragged * uneven, np.float32)
        portrait = pigmented(portrait, dark, DARK_BLOOD)
    return portrait
