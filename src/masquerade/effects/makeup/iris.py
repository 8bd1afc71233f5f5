"""Eyes in another colour."""

from __future__ import annotations

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.types import Mask

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#3f74a8", "#rrggbb")

_SMALLER = 0.92  # than the ring of four points, whose edge is the dark rim


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour the irises where lids leave them free; pupils and reflections stay."""
    mask = np.zeros(portrait.pixels.shape[:2], np.float32)
    rows, columns = np.indices(mask.shape, np.float32)
    for first in (468, 473):
        ring = portrait.points[first : first + 5]
        reach = float(np.linalg.norm(ring[1:] - ring[0], axis=1).mean()) * _SMALLER
        away = np.hypot(columns - ring[0, 0], rows - ring[0, 1]) / max(reach, 0.5)
        mask = np.maximum(mask, np.clip((1 - away) * 4, 0, 1) * np.clip((away - 0.3) * 5, 0, 1))
    mask *= portrait.area([RIGHT_EYE, LEFT_EYE], 0.008) * _not_bright(portrait)
    return coloured(portrait, mask * np.float32(amount), rgb(word), light=0.25)


def _not_bright(portrait: Portrait) -> Mask:
    """1 where no light is reflected."""
    light = portrait.pixels.max(axis=2).astype(np.float32)
    return np.asarray(np.clip((225 - light) / 40, 0, 1), np.float32)
