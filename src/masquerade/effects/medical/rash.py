"""Butterfly rash: red, uneven skin on both cheeks and the bridge of the nose.

Sign: malar rash, as with lupus or rosacea; the folds beside the nose are spared. On dark skin it is
dusky or violet rather than red.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.blotches import blotches
from masquerade.effects.pigment import BLOOD, pigmented, seen
from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_WINGS = (
    (117, 118, 119, 100, 142, 36, 205, 187, 147, 123, 116),
    (346, 347, 348, 329, 371, 266, 425, 411, 376, 352, 345),
)  # cheekbones, from under the eye down to the fold beside the nose
_BRIDGE = (6, 122, 196, 198, 131, 134, 51, 5, 281, 363, 360, 420, 419, 351)


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """More blood in a butterfly of skin with an irregular edge, in patches and fine spots."""
    wings = np.maximum(portrait.area(_WINGS, 0.045), 0.8 * portrait.area([_BRIDGE], 0.035))
    ragged = wings + 0.6 * (blotches(portrait, 0.05, seed=11) - 0.5)
    edge = np.clip((ragged - 0.22) * 2.2, 0, 1) * np.clip(wings * 4, 0, 1)
    spared = 1 - 0.85 * np.minimum(portrait.spot(203, 0.05) + portrait.spot(423, 0.05), 1)
    uneven = (
        0.45 + 0.3 * blotches(portrait, 0.03, seed=12) + 0.5 * blotches(portrait, 0.009, seed=13)
    )
    soft = portrait.softened(np.asarray(edge, np.float32), 0.012)
    mask = portrait.skin(0.03) * soft * spared * uneven * (0.42 * seen(portrait) * amount)
    return pigmented(portrait, np.asarray(mask, np.float32), BLOOD)
