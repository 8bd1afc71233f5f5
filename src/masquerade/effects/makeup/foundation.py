"""An even complexion: the skin's colour the same all over, its light and dark kept."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.skin_tone import BARE, SkinTone
from masquerade.effects.tint import lab_of, only_where, rgb_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_SPREAD: Final = 4.0  # of the skin's colours in CIE Lab, at least
_OTHER: Final = 3.0  # spreads from the cheeks' colour, from which it is no skin
_BEARD: Final = 3.4  # spreads from the skin's colour, from which it is a beard, or blood


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Bring the colour of every part of the skin towards that of its middle."""
    lab, mask = lab_of(portrait.pixels), portrait.skin()
    sure = mask > 0.9
    if not sure.any():
        return portrait
    middle = np.median(lab[sure][:, 1:], axis=0)
    spread = np.maximum(lab[sure][:, 1:].std(axis=0), _SPREAD)
    apart = np.sqrt((((lab[..., 1:] - middle) / spread) ** 2).mean(axis=2))
    tone = SkinTone.of(lab, portrait.area(BARE, 0.005) > 0.95)
    bearded = 1.0 if tone is None else np.clip(_OTHER - tone.apart(lab), 0, 1)
    mask = mask * np.clip((_BEARD - apart) / 1.2, 0, 1) * bearded
    share = mask[..., None] * np.float32(0.7 * amount)
    lab[..., 1:] += share * (middle - lab[..., 1:])
    return only_where(portrait, mask, rgb_of(lab))
