"""Pallor: skin and lips lose their red.

Sign: pale skin, lips and lids, as with anaemia, shock or fainting. On dark skin it shows as an
ashen or yellowish tone, and in the lips.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.pigment import BLOOD, pigmented
from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()
MODELS = ("person_mask",)
SKIN = True


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Take blood out of the skin, and more of it out of the lips and the rims of the lids."""
    skin = np.asarray(-0.105 * amount * portrait.all_skin(), np.float32)
    paler = pigmented(portrait, skin, BLOOD)
    lips = np.asarray(-0.24 * amount * portrait.lips(), np.float32)
    return pigmented(paler, lips, BLOOD)
