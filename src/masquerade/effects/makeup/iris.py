"""Eyes in another colour."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.eyeballs import between_lids, from_pupils
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb
from masquerade.types import Mask

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#3f74a8", "#rrggbb")

_SMALLER: Final = 0.92  # than the ring of four points, whose edge is the dark rim


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour the irises where lids leave them free; pupils and reflections stay."""
    mask = np.zeros(portrait.pixels.shape[:2], np.float32)
    for away in from_pupils(portrait):
        inward = 1 - away / np.float32(_SMALLER)
        mask = np.maximum(mask, np.clip(inward * 4, 0, 1) * np.clip((0.7 - inward) * 5, 0, 1))
    mask *= between_lids(portrait, 0.008) * _not_bright(portrait)
    return coloured(portrait, mask * np.float32(amount), rgb(word), light=0.25)


def _not_bright(portrait: Portrait) -> Mask:
    """1 where no light is reflected."""
    light = portrait.pixels.max(axis=2).astype(np.float32)
    return np.asarray(np.clip((225 - light) / 40, 0, 1), np.float32)
