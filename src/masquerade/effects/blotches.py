"""Blotches that stay where they are on a face, however it moves."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.types import Mask

_TILE_PX: Final = 512
_WRAP_PX: Final = 64  # so that the pattern goes on where it ends
_TILE: Final = 3.0  # units across


def blotches(portrait: Portrait, size: float, *, seed: int) -> Mask:
    """(h, w) in [0, 1]: an uneven pattern, the same for the same face and seed.

    Args:
        portrait: The face.
        size: Of a blotch, in units.
        seed: Of the pattern.
    """
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    left, down = portrait.axes
    x, y = columns - portrait.points[168, 0], rows - portrait.points[168, 1]
    scale = np.float32(_TILE_PX / (_TILE * portrait.unit))
    middle = np.float32(_TILE_PX / 2)
    across = (x * left[0] + y * left[1]) * scale + middle
    deep = (x * down[0] + y * down[1]) * scale + middle
    laid = cv2.remap(_tile(size, seed), across, deep, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(1 / (1 + np.exp(-2.5 * laid)), np.float32)


@lru_cache(maxsize=4)
def _tile(size: float, seed: int) -> NDArray[np.float32]:
    """Soft noise of mean 0 and spread 1 that goes on where it ends, the same for every frame."""
    noise = np.random.default_rng(seed).normal(size=(_TILE_PX, _TILE_PX)).astype(np.float32)
    round_about = np.pad(noise, _WRAP_PX, mode="wrap")
    blurred = cv2.GaussianBlur(round_about, (0, 0), size * _TILE_PX / _TILE)
    soft = blurred[_WRAP_PX:-_WRAP_PX, _WRAP_PX:-_WRAP_PX]
    return np.asarray((soft - soft.mean()) / soft.std(), np.float32)
