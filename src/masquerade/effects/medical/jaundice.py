"""Jaundice: skin and the white of the eyes turn yellow.

Sign: yellow sclerae first, then skin, as bilirubin in the blood rises.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.eyeballs import whites
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
_LIPS = np.float32(0.5)  # of what skin takes on; without any they would look blue


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift skin and whites towards yellow, whites more."""
    strength = np.float32(amount)
    surface = np.maximum(portrait.all_skin(), _LIPS * portrait.lips())
    skin = shifted(portrait, surface * strength, (-2.0, -1.0, 17.0))
    return shifted(skin, whites(skin) * strength, (-4.0, 1.0, 30.0))
