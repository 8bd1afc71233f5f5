"""A picture made ready for the search: flattened in space, flattened in frequency.

The mark is weak beside the picture, but spread evenly, while a picture's strength is in few places
and few frequencies. Weighing each place by the strength that a mark would have there over the local
variance, then dividing by the local magnitude of the spectrum, leaves noise in which it stands out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.watermark.embed import MOST, PER_SIGMA
from masquerade.types import RGB

Flat: TypeAlias = NDArray[np.float32]
Values: TypeAlias = NDArray[np.complex64]

MOST_PIXELS: Final = 1_000_000
LEAST_SIDE: Final = 16
LEAST_PIXELS: Final = 10_000  # of smaller pictures, not even an untouched mark was ever read

_HIGH_PASS_PX: Final = 2.5
_LOCAL_PX: Final = 2.5
_LEAST_SIGMA: Final = 0.7
_CLIP: Final = 3.0
_CALM: Final = 0.5  # what the gain is where nothing moves, nearly
_NOISE: Final = 3.5  # steps of 256 that compression adds where it is strong
_PAD: Final = 2  # the spectrum is sampled so many times finer than the picture needs
_SMOOTH_BINS: Final = 31
_PEAK: Final = 1.5
_LITTLE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The spectrum of a flattened picture.

    Attributes:
        values: (h, w // 2 + 1) complex64 of a transform of (h, w) points, phase counted from the
            picture's centre, of about unit mean square everywhere.
        size_hw: Of the transform.
        picture_wh: Of the flattened picture.
        shrunk: Pixels of the picture as given for one of the flattened picture.
    """

    values: Values
    size_hw: tuple[int, int]
    picture_wh: tuple[int, int]
    shrunk: float

    def at(self, frequencies: NDArray[np.float32]) -> Values:
        """(...) values at (..., 2) frequencies in cycles per pixel, x first; 0 beyond the edge."""
        height, width = self.size_hw
        x, y = frequencies[..., 0], frequencies[..., 1]
        outside = np.maximum(np.abs(x), np.abs(y)) > 0.49
        left = x < 0
        x = np.where(left, -x, x) * np.float32(width)
        y = np.where(left, -y, y) * np.float32(height)
        column, row = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
        part_x, part_y = x - column, y - row
        column = np.minimum(column, width // 2 - 1)
        flat, stride = self.values.ravel(), self.values.shape[1]
        low, high = (row % height) * stride + column, ((row + 1) % height) * stride + column
        top = flat[low] * (1 - part_x) + flat[low + 1] * part_x
        bottom = flat[high] * (1 - part_x) + flat[high + 1] * part_x
        found = top * (1 - part_y) + bottom * part_y
        found = np.where(left, np.conj(found), found)
        return np.asarray(np.where(outside, 0, found), np.complex64)


def flattened(pixels: RGB) -> Flat:
    """(h, w) float32 of mean about 0, weak where the picture is rough; at most `MOST_PIXELS`.

    Args:
        pixels: (H, W, 3) uint8 RGB, or (H, W) uint8.
    """
    luma = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = working_scale((luma.shape[1], luma.shape[0]))
    if scale < 1:
        size = (round(luma.shape[1] * scale), round(luma.shape[0] * scale))
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    values = luma.astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), _HIGH_PASS_PX)
    power = cv2.GaussianBlur(values * values, (0, 0), _LOCAL_PX)
    sigma = np.sqrt(power)
    values = np.clip(values / (sigma + _LEAST_SIGMA), -_CLIP, _CLIP)
    # Of each place: how strong the mark is there, over the variance of what it lies in.
    strength = _CALM + np.minimum(PER_SIGMA * sigma, MOST)
    return np.asarray(values * (sigma + _LEAST_SIGMA) * strength / (power + _NOISE**2), np.float32)


def is_readable(size_wh: tuple[int, int]) -> bool:
    """False where a picture is so small that a mark in it cannot be read.

    Example:
        >>> is_readable((160, 160)), is_readable((90, 90)), is_readable((8, 9000))
        (True, False, False)
    """
    return min(size_wh) >= LEAST_SIDE and size_wh[0] * size_wh[1] >= LEAST_PIXELS


def working_scale(size_wh: tuple[int, int]) -> float:
    """Factor to the size that the search works at; never above 1."""
    scale = min(1.0, (MOST_PIXELS / (size_wh[0] * size_wh[1])) ** 0.5)
    # Slivers keep at least some rows, whatever their length.
    return scale if min(size_wh) * scale >= LEAST_SIDE else 1.0


def spectrum(flat: Flat, given_width: int) -> Spectrum:
    """The spectrum of a flattened picture, or of a sum of several; the width is the picture's."""
    height, width = flat.shape
    points_h, points_w = (2 * cv2.getOptimalDFTSize(side * _PAD // 2) for side in (height, width))
    size_hw = (points_h, points_w)
    canvas = np.zeros(size_hw, np.float32)
    spread = flat / np.sqrt(np.mean(flat * flat) + 1e-12)
    spread *= _lift(height, size_hw[0])[:, None] * _lift(width, size_hw[1])
    top, left = height // 2, width // 2
    canvas[: height - top, : width - left] = spread[top:, left:]
    canvas[-top:, : width - left] = spread[:top, left:]
    canvas[: height - top, -left:] = spread[top:, :left]
    canvas[-top:, -left:] = spread[:top, :left]
    values = np.fft.rfft2(canvas).astype(np.complex64)
    size = np.abs(values)
    around = cv2.blur(size, (_SMOOTH_BINS, _SMOOTH_BINS), borderType=cv2.BORDER_REFLECT)
    # Lines of a JPEG's grid or of a screen stand far above what is around them: they are cut.
    values *= np.minimum(1 / (around + _LITTLE), _PEAK / (size + _LITTLE))
    return Spectrum(values, size_hw, (width, height), given_width / width)


def _lift(count: int, padded: int) -> Flat:
    """(count,) factors that make up for what linear interpolation of the spectrum takes away."""
    place = (np.arange(count) - count // 2) / padded
    return np.asarray(1 / np.sinc(place) ** 2, np.float32)
