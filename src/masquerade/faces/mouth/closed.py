"""What a photo does not show: the inside of a closed mouth, drawn."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[np.float32]

_DARKNESS: Final = np.array([0.17, 0.06, 0.06], np.float32)
_TEETH: Final = np.array([0.93, 0.88, 0.80], np.float32)


def inside_mouth(ring: Field, unit: float, size_hw: tuple[int, int]) -> tuple[Field, Field]:
    """(H, W, 3) teeth and darkness, RGB in [0, 1], and (H, W) in [0, 1] where the mouth is open.

    Args:
        ring: (20, 2) edge of the opening, the upper lip first, in pixels.
        unit: Distance of the eyes in pixels.
        size_hw: Of the picture.
    """
    height, width = size_hw
    opening = np.zeros((height, width), np.float32)
    cv2.fillPoly(opening, [np.round(ring * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    opening = np.asarray(cv2.GaussianBlur(opening, (0, 0), max(0.6, 0.008 * unit)))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle, half = (ring[0, 0] + ring[10, 0]) / 2, abs(ring[10, 0] - ring[0, 0]) / 2
    across = np.clip(np.abs(x - middle) / half, 0, 1)
    order = np.argsort(ring[:11, 0])
    lip = np.interp(x[0], ring[:11, 0][order], ring[:11, 1][order]).astype(np.float32)
    length = np.maximum(0.15 * unit * np.sqrt(1 - across**2), 1)
    below = (y - lip + 0.035 * unit) / length
    teeth = np.clip((1 - below) * 6, 0, 1) * np.clip((0.85 - across) * 5, 0, 1)
    gaps = np.clip(np.abs(np.sin(np.pi * (x - middle) / (0.125 * unit))) * 5, 0, 1)
    light = (1 - 0.5 * across**2) * np.clip(0.5 + 0.7 * below, 0, 1) * (0.85 + 0.15 * gaps)
    colour = _DARKNESS + (teeth * light)[..., None] * (_TEETH - _DARKNESS)
    soft = cv2.GaussianBlur(colour.astype(np.float32), (0, 0), 0.008 * unit + 0.3)
    return np.asarray(soft, np.float32), opening
