"""Butterfly rash: red, uneven skin on both cheeks and the bridge of the nose.

Sign: malar rash, as with lupus or rosacea; the folds beside the nose are spared.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.blotches import blotches
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift the skin of a butterfly towards red, in blotches."""
    wings = (
        portrait.spot(117, 0.16, across=1.35)
        + portrait.spot(346, 0.16, across=1.35)
        + portrait.spot(197, 0.1, across=1.2)
    )
    spared = 1 - 0.8 * np.minimum(portrait.spot(203, 0.06) + portrait.spot(423, 0.06), 1)
    uneven = 0.35 + 0.65 * blotches(portrait, 0.03, seed=11)
    mask = portrait.skin(0.04) * np.minimum(wings, 1) * spared * uneven * np.float32(amount)
    return shifted(portrait, mask.astype(np.float32), (-9.0, 24.0, 7.0))
