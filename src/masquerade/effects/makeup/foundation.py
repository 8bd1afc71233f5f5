"""An even complexion: the skin's colour the same all over, its light and dark kept."""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, only_where, rgb_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Bring the colour of every part of the skin towards that of its middle."""
    lab, mask = lab_of(portrait.pixels), portrait.skin()
    sure = mask > 0.9
    if not sure.any():
        return portrait
    middle = np.median(lab[sure][:, 1:], axis=0)
    share = mask[..., None] * np.float32(0.7 * amount)
    lab[..., 1:] += share * (middle - lab[..., 1:])
    return only_where(portrait, mask, rgb_of(lab))
