"""Pallor: skin and lips lose their red.

Sign: pale skin, lips and lids, as with anaemia, shock or fainting.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Take red out of skin and lips, and make both lighter."""
    strength = np.float32(amount)
    skin = shifted(portrait, portrait.all_skin() * strength, (4.0, -9.0, -4.0))
    return shifted(skin, skin.lips() * strength, (6.0, -16.0, -2.0))
