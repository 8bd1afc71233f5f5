"""Cyanosis: lips and the skin around them turn blue.

Sign: bluish lips and mucous membranes, where blood carries too little oxygen.
"""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import shifted

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift lips towards blue, the skin around them and under the eyes less, the rest hardly."""
    strength = np.float32(amount)
    skin = portrait.all_skin()
    near = portrait.spot(13, 0.16, across=1.5) * 0.55 + portrait.spot(1, 0.12) * 0.25 + 0.2
    grey = shifted(portrait, skin * np.minimum(near, 1) * strength, (-4.0, -8.0, -12.0))
    return shifted(grey, grey.lips() * strength, (-7.0, -13.0, -16.0))
