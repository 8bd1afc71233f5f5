"""Noise of a picture, measured, and laid over what has too little of it."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import Mask

_TILE: Final = 256


def grain_level(grey: NDArray[np.float32], weight: Mask) -> float:
    """Standard deviation of the noise in [0, 255] where `weight` is above one half.

    The median of the absolute response to a mask blind to edges and slopes (after Immerkaer,
    "Fast noise variance estimation", 1996, with a median for robustness).

    Args:
        grey: (h, w) in [0, 255].
        weight: (h, w) in [0, 1], plain skin at best.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = np.abs(np.asarray(cv2.filter2D(grey, -1, kernel)))[weight > 0.5]
    return float(np.median(answer)) / (0.6745 * 6) if len(answer) >= 64 else 0.0


def grain(shape_hw: tuple[int, int], level: float, seed: int) -> NDArray[np.float32]:
    """(h, w) float32 noise of that standard deviation; the same seed gives the same noise.

    Args:
        shape_hw: Size wanted.
        level: Standard deviation.
        seed: Such as a frame's pts.
    """
    height, width = shape_hw
    rng = np.random.default_rng(seed & 0x7FFFFFFF)
    top, left = (int(n) for n in rng.integers(0, _TILE, 2))
    repeats = (-(-(top + height) // _TILE), -(-(left + width) // _TILE))
    spread = np.tile(_tile() * np.float32(level), repeats)
    return spread[top : top + height, left : left + width]


@cache
def _tile() -> NDArray[np.float32]:
    """(256, 256) a repeatable noise with the slight softness a camera and a codec give it."""
    white = np.random.default_rng(8).standard_normal((_TILE, _TILE)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(np.tile(white, (3, 3)), (0, 0), 0.5), np.float32)
    middle = soft[_TILE : 2 * _TILE, _TILE : 2 * _TILE]
    made = np.ascontiguousarray(middle / middle.std())
    made.flags.writeable = False
    return made
