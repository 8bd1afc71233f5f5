"""Flushing: cheeks, nose and forehead turn red.

Sign: reddened face, as with fever, heat, alcohol or an allergic reaction.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift the skin towards red, most on the cheeks."""
    spots = (
        portrait.spot(117, 0.2, across=1.3)
        + portrait.spot(346, 0.2, across=1.3)
        + portrait.spot(4, 0.13)
        + portrait.spot(151, 0.22, across=1.6) * 0.6
    )
    mask = portrait.all_skin() * np.minimum(spots + 0.3, 1) * np.float32(amount)
    return shifted(portrait, mask, (-5.0, 16.0, 4.0))
