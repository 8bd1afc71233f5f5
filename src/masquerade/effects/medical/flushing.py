"""Flushing: cheeks, nose and forehead turn red.

Sign: reddened face, as with fever, heat, alcohol or an allergic reaction.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
_LIGHT = 65.0  # lightness of skin, from which all of the red is seen
_LEAST = 0.45


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift the skin towards red, most on the cheeks."""
    spots = (
        portrait.spot(117, 0.2, across=1.3)
        + portrait.spot(346, 0.2, across=1.3)
        + portrait.spot(4, 0.13)
        + portrait.spot(151, 0.22, across=1.6) * 0.6
    )
    skin = portrait.all_skin()
    light = float((lab_of(portrait.pixels)[..., 0] * skin).sum() / max(float(skin.sum()), 1.0))
    seen = np.clip(light / _LIGHT, _LEAST, 1.0)  # dark skin turns deeper rather than red
    mask = skin * np.minimum(spots + 0.3, 1) * np.float32(amount)
    return shifted(portrait, mask, (-5.0, 16.0 * seen, 4.0 * seen))
