"""Smoother skin: blotches and lines fade, pores stay."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.effects.portrait import Portrait

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_PORES: Final = 0.012  # units below which detail stays
_LEVELS: Final = 22.0  # of brightness: stronger edges are no blemishes
_REACH: Final = 0.07  # units


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Take out what is larger than pores and weaker than edges, in the skin alone."""
    pixels = portrait.pixels.astype(np.float32)
    unit = portrait.unit
    broad = cv2.GaussianBlur(pixels, (0, 0), max(_PORES * unit, 0.5))
    even = cv2.bilateralFilter(broad, 0, _LEVELS, max(_REACH * unit / 2, 1.0))
    mask = portrait.skin()[..., None] * np.float32(0.85 * amount)
    return portrait.with_pixels(np.asarray(pixels + mask * (even - broad), np.float32))
