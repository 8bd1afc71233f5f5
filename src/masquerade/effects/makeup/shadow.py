"""Colour on the upper lids."""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#6d4a86", "#rrggbb")

_RIGHT = (33, 246, 161, 160, 159, 158, 157, 173, 133, 190, 56, 28, 27, 29, 30, 247, 130)
_LEFT = (263, 466, 388, 387, 386, 385, 384, 398, 362, 414, 286, 258, 257, 259, 260, 467, 359)


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour what lies between the lashes and the fold above them."""
    mask = portrait.area([_RIGHT, _LEFT], 0.03) * np.float32(0.75 * amount)
    return coloured(portrait, mask, rgb(word), light=0.5)
