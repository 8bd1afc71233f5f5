"""A line along the upper lashes."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured
from masquerade.effects.words import rgb

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("#1c1418", "#rrggbb")

_LINES: Final = ((33, 246, 161, 160, 159, 158, 157, 173), (263, 466, 388, 387, 386, 385, 384, 398))
_WIDE: Final = 0.028  # units


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Draw along the edge of each upper lid."""
    mask = np.zeros(portrait.pixels.shape[:2], np.float32)
    wide = max(round(_WIDE * portrait.unit), 1)
    for line in _LINES:
        points = np.rint(portrait.points[list(line)] * 8).astype(np.int32)
        cv2.polylines(mask, [points], False, 1.0, wide, cv2.LINE_AA, shift=3)
    soft = portrait.softened(mask, 0.008) * np.float32(amount)
    return coloured(portrait, soft, rgb(word), light=0.9)
