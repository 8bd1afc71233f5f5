"""Lips in another colour."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#a3243b", "#rrggbb")

_LIGHT: Final = 0.9  # of the way: on light lips a deep red would be salmon
_CONTRAST: Final = 0.5  # two lips that differ do less so below paint


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour both lips; what is between them stays."""
    mask = portrait.lips() * np.float32(0.85 * amount)
    return coloured(portrait, mask, rgb(word), light=_LIGHT, contrast=_CONTRAST)
