"""Smoother skin: blotches and lines fade, pores stay."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_UNIT_PX: Final = 64.0  # a unit at the size at which skin is made even
_LEVELS: Final = 30.0  # of brightness: stronger edges are no blemishes
_REACH: Final = 0.06  # units


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Take out what is larger than pores and weaker than edges, in the skin alone."""
    pixels = portrait.pixels.astype(np.float32)
    height, width = pixels.shape[:2]
    scale = min(1.0, _UNIT_PX / portrait.unit)  # pores are gone at this size, blemishes are not
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    broad = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    even = cv2.bilateralFilter(broad, 0, _LEVELS, _REACH * _UNIT_PX)
    taken = cv2.resize(even - broad, (width, height), interpolation=cv2.INTER_LINEAR)
    mask = portrait.skin()[..., None] * np.float32(amount)
    return portrait.with_pixels(np.asarray(pixels + mask * taken, np.float32))
