"""Flushing: cheeks, nose and forehead turn red.

Sign: reddened face, as with fever, heat, alcohol or an allergic reaction; strongest on the cheeks,
uneven, less around mouth and eyes. On dark skin it is a deeper, dusky tone rather than red.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.blotches import blotches
from masquerade.effects.pigment import BLOOD, pigmented, seen
from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
MODELS = ("person_mask",)
SKIN = True


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """More blood in the skin, most in the cheeks, least around mouth and eyes."""
    spots = (
        portrait.spot(117, 0.2, across=1.25)
        + portrait.spot(346, 0.2, across=1.25)
        + portrait.spot(4, 0.12) * 0.8
        + portrait.spot(151, 0.2, across=1.8) * 0.35
        + portrait.spot(152, 0.14, across=1.4) * 0.3
    )
    pale = 1 - 0.6 * np.minimum(portrait.spot(13, 0.13, across=1.5), 1)
    uneven = 0.72 + 0.4 * blotches(portrait, 0.06, seed=5)
    lips = 0.25 * portrait.lips()
    mask = (portrait.all_skin() * (np.minimum(spots, 1) + 0.22) * pale * uneven + lips) * amount
    return pigmented(portrait, np.asarray(0.32 * seen(portrait) * mask, np.float32), BLOOD)
