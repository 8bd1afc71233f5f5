"""Cyanosis: lips and the skin around them turn blue.

Sign: bluish lips and mucous membranes, where blood carries too little oxygen. On dark skin the lips
turn grey or purple, and the skin around the mouth greyish.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.pigment import BLUE, pigmented
from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
MODELS = ("person_mask",)
SKIN = True


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Less oxygen in the blood of the lips, less so around them and under the eyes."""
    under_eyes = portrait.spot(145, 0.09, across=1.6) + portrait.spot(374, 0.09, across=1.6)
    near = portrait.spot(13, 0.15, across=1.6) * 0.6 + portrait.spot(1, 0.1) * 0.3
    near = np.minimum(near + 0.35 * under_eyes + 0.28, 1)
    mask = 0.32 * portrait.all_skin() * near + 0.5 * portrait.lips()
    return pigmented(portrait, np.asarray(mask * amount, np.float32), BLUE)
