"""Jaundice: skin and the white of the eyes turn yellow.

Sign: yellow sclerae first, then skin, as bilirubin in the blood rises. On dark skin it is the white
of the eyes that tells.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.eyeballs import whites
from masquerade.effects.pigment import BILIRUBIN, pigmented
from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
MODELS = ("person_mask",)
SKIN = True

_LIPS: Final = 0.5  # of what skin takes on; without any they would look blue
_IN_SKIN: Final = (0.1, 0.03, 1.0)  # less red too, or pink skin would turn orange


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """More bilirubin in the whites of the eyes, which yellow first, and in the skin."""
    surface = np.maximum(portrait.all_skin(), _LIPS * portrait.lips())
    yellow = pigmented(portrait, np.asarray(0.37 * amount * surface, np.float32), _IN_SKIN)
    eyes = np.asarray(0.6 * np.sqrt(amount) * whites(portrait), np.float32)
    return pigmented(yellow, eyes, BILIRUBIN)
