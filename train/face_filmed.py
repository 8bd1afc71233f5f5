"""What cameras, phones and old video leave in a whole picture: real and manipulated ones alike.

Without it, a soft or sharpened real face looks to a detector like one that was drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from masquerade.types import RGB

Rng = np.random.Generator


def filmed(pixels: RGB, rng: Rng) -> RGB:
    """The picture as a camera gives it that smooths, sharpens, or films in halves.

    Args:
        pixels: (S, S, 3) uint8.
        rng: Draws one to three of the changes, in a chance order, and how strong they are.
    """
    made = pixels
    for place in rng.permutation(len(_WAYS))[: int(rng.integers(1, 4))]:
        made = _WAYS[place](made, rng)
    return made


def _smoothed(pixels: RGB, rng: Rng) -> RGB:
    """Flat where it was nearly flat, as filters against noise and for beauty leave it."""
    reach, apart = rng.uniform(1.5, 5), rng.uniform(8, 35)
    flat = cv2.bilateralFilter(pixels, 5, apart, reach)
    share = rng.uniform(0.4, 1)
    return _bytes(share * flat.astype(np.float32) + (1 - share) * pixels)


def _sharpened(pixels: RGB, rng: Rng) -> RGB:
    """With the bright rims of cameras that sharpen."""
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.6, 2)).astype(np.float32)
    return _bytes(pixels + rng.uniform(0.3, 1.5) * (pixels - soft))


def _halved(pixels: RGB, rng: Rng) -> RGB:
    """Every second line alone, or fewer columns, as television and tapes have them."""
    high, wide = pixels.shape[:2]
    part = pixels[int(rng.integers(2)) :: 2]
    if rng.random() < 0.5:
        size = (round(wide * rng.uniform(0.5, 0.8)), high)
        part = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    way = cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (wide, high), interpolation=way), np.uint8)


def _colours_smeared(pixels: RGB, rng: Rng) -> RGB:
    """Colours less sharp than brightness, and a little beside it."""
    parts = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
    colours = cv2.GaussianBlur(
        parts[..., 1:], (0, 0), sigmaX=rng.uniform(0.8, 4), sigmaY=rng.uniform(0.3, 1.5)
    )
    parts[..., 1:] = np.roll(colours, int(rng.integers(-1, 2)), axis=1)
    return np.asarray(cv2.cvtColor(parts, cv2.COLOR_YCrCb2RGB), np.uint8)


def _enlarged(pixels: RGB, rng: Rng) -> RGB:
    """From fewer pixels, as zooms and small files that were made larger have it."""
    high, wide = pixels.shape[:2]
    least = min(1.0, 110 / high)
    factor = max(least, rng.uniform(0.4, 0.9))
    small = cv2.resize(
        pixels, (round(wide * factor), round(high * factor)), interpolation=cv2.INTER_AREA
    )
    way = int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4]))
    return np.asarray(cv2.resize(small, (wide, high), interpolation=way), np.uint8)


def _bytes(values: np.ndarray) -> RGB:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


_WAYS: Final[tuple[Callable[[RGB, Rng], RGB], ...]] = (
    _smoothed,
    _sharpened,
    _halved,
    _colours_smeared,
    _enlarged,
)
