"""Lips in another colour."""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#a3243b", "#rrggbb")


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour both lips; what is between them stays."""
    return coloured(portrait, portrait.lips() * np.float32(0.85 * amount), rgb(word), light=0.4)
