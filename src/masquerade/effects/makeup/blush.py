"""Colour on the cheeks."""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#d4606b", "#rrggbb")


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour a soft spot on each cheekbone."""
    spots = portrait.spot(50, 0.11, across=1.4) + portrait.spot(280, 0.11, across=1.4)
    mask = spots * portrait.skin() * np.float32(0.38 * amount)
    return coloured(portrait, mask, rgb(word), light=0.15)
