"""The mark put into frames: the tile at the size of the picture, strong where it hides.

What is added to brightness at a place is the tile times a gain that follows the unrest of the
picture around it: less than one step of 256 in a clear sky, two or three in foliage. Beside an edge
the calmer side decides, or the mark would show there. The gain falls to nothing in pure black and
white, and is scaled down where the whole picture would fall below the PSNR asked for.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.media.colour import add_luma, rgb_from_planes
from masquerade.media.layout import layout
from masquerade.provenance.watermark.pattern import TILE, pattern, shift, tile
from masquerade.provenance.watermark.payload import encode
from masquerade.types import Frame, Planes

Gain: TypeAlias = NDArray[np.float32]

CHIP_SIZES: Final = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
PX_PER_CHIP: Final = 1000.0  # geometric mean of the sides at which a chip would be one pixel
SMALL_PX: Final = 700.0  # below such a mean, the smallest chips; the next from there on
# Pixels, the least PSNR there, the gain where nothing moves, and how far the rough parts of a
# picture that keeps more than that PSNR are raised towards it; in between by the logarithm.
BY_SIZE: Final = (
    (60e3, 42.4, 0.9, 2.0),
    (140e3, 42.3, 0.65, 2.0),
    (0.9e6, 43.0, 0.6, 3.0),
    (2e6, 43.8, 0.5, 2.0),
)

PER_SIGMA: Final = 0.3  # gain (RMS, steps of 256) for each step of local deviation
MOST: Final = 2.5  # of that
_FADE: Final = 10.0  # steps from black and from white over which the gain falls to nothing
_STRIDE: Final = 4  # pixels between the values that unrest is judged by
_CELL: Final = 3  # such values a cell
_STRONGEST: Final = 4.0
_TILE_STEPS: Final = 32
_GAIN_STEPS: Final = 16
_MOST_GAIN: Final = 16.0  # the product of tile and gain must stay within 16 bits


class Marker:
    """Puts one id into the frames of one stream. Not to be shared by threads: it has one work room.

    Args:
        payload: The id, 64 bits.
        key: 32 secret bytes; only who has them finds the mark.
        size_wh: Of the frames.
        strength: Factor on the gain, at most 4; above 1 the PSNR bound falls along.

    Raises:
        UsageError: The id or the key is of another length, or size or strength is out of range.
    """

    def __init__(
        self, payload: int, key: bytes, size_wh: tuple[int, int], *, strength: float = 1.0
    ) -> None:
        width, height = size_wh
        if width < 1 or height < 1 or not 0 < strength <= _STRONGEST:
            raise UsageError(
                f"a watermark of {width}x{height} at strength {strength}",
                f"at least 1x1, strength above 0 and at most {_STRONGEST:g}",
            )
        side = round(TILE * chip_size(size_wh))
        one = np.roll(tile(pattern(key), encode(payload), side), shift(key, payload, side), (1, 0))
        steps = np.clip(np.rint(one * _TILE_STEPS), -127, 127).astype(np.int16)
        across, down = -(-width // side), -(-height // side)
        self.size_wh = size_wh
        self._bound = 255 / 10 ** (psnr_db(size_wh) / 20)
        self._calm, self._raise = _by_size(size_wh, 2), _by_size(size_wh, 3)
        self._strength = strength
        self._room = np.empty((height, width), np.int16)
        self._image = np.ascontiguousarray(np.tile(steps, (down, across))[:height, :width])

    def mark(self, frame: Frame) -> Frame:
        """The frame with the mark in its brightness; colour, alpha and time are as they were.

        Raises:
            UsageError: It has another size than the stream.
        """
        if frame.size_wh != self.size_wh:
            raise UsageError(f"a frame of {frame.size_wh}", f"{self.size_wh}", "one marker a size")
        steps = np.rint(self._gain(frame) * _GAIN_STEPS).astype(np.int16)
        delta = self._room
        cv2.resize(steps, self.size_wh, dst=delta)
        np.multiply(self._image, delta, out=delta)
        if frame.alpha is not None:
            delta[frame.alpha == 0] = 0
        return add_luma(frame, delta, unit=_TILE_STEPS * _GAIN_STEPS)

    def _gain(self, frame: Frame) -> Gain:
        """RMS amplitude in steps of 256, (h, w) for cells spread over the picture."""
        rough, inside = activity(_sparse_luma(frame))
        calm = self._calm * inside
        rough *= inside
        # As much in the rough parts as the PSNR leaves: the root of a quadratic equation.
        square, mixed = float(np.mean(rough * rough)) + 1e-9, float(np.mean(rough * calm))
        left = max(0.0, self._bound**2 - float(np.mean(calm * calm)))
        fill = (float(np.sqrt(mixed * mixed + square * left)) - mixed) / square
        gain = calm + min(self._raise, fill) * rough
        rms = max(float(np.sqrt(np.mean(gain * gain))), 1e-6)
        gain *= min(1.0, self._bound / rms) * self._strength
        return np.asarray(np.minimum(gain, _MOST_GAIN), np.float32)


def activity(luma: NDArray[np.uint8]) -> tuple[Gain, Gain]:
    """For cells of 3 x 3 values of brightness: gain for their unrest, and how far from the ends.

    Args:
        luma: (h, w) of full range, as sparse as liked: only the spread within cells counts.

    Returns:
        From 0 to `MOST`; and from 0 in black and white to 1.
    """
    height, width = luma.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    square = cv2.multiply(luma, luma, dtype=cv2.CV_16U)
    mean = cv2.resize(luma, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    power = cv2.resize(square, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    sigma = np.sqrt(np.maximum(power - mean * mean, 0))
    # The calmer of neighbours decides beside an edge: opening keeps only what is unrest all over.
    calm = cv2.dilate(cv2.erode(sigma, np.ones((3, 3), np.uint8)), np.ones((3, 3), np.uint8))
    unrest = np.minimum(cv2.blur(np.minimum(calm, sigma), (3, 3)), 1.5 * sigma + 0.5)
    inside = np.clip((127.5 - np.abs(mean - 127.5)) / _FADE, 0, 1)
    return (
        np.asarray(np.minimum(PER_SIGMA * unrest, MOST), np.float32),
        np.asarray(inside, np.float32),
    )


def chip_size(size_wh: tuple[int, int]) -> float:
    """Pixels that a chip of the pattern takes in a picture of that size.

    Larger pictures have larger chips, since they are shared at a fraction of their size.

    Example:
        >>> chip_size((640, 480)), chip_size((1280, 720)), chip_size((4000, 3000))
        (1.25, 1.5, 3.0)
    """
    side = (size_wh[0] * size_wh[1]) ** 0.5
    sizes = CHIP_SIZES if side < SMALL_PX else CHIP_SIZES[1:]
    return min(sizes, key=lambda size: abs(math.log(size * PX_PER_CHIP / side)))


def psnr_db(size_wh: tuple[int, int]) -> float:
    """The PSNR that the mark keeps to at that size: large pictures need less of it.

    Example:
        >>> psnr_db((200, 300)), psnr_db((4000, 3000))
        (42.4, 43.8)
    """
    return _by_size(size_wh, 1)


def _by_size(size_wh: tuple[int, int], column: int) -> float:
    sizes, values = ([row[index] for row in BY_SIZE] for index in (0, column))
    return float(np.interp(np.log(size_wh[0] * size_wh[1]), np.log(sizes), values))


def _sparse_luma(frame: Frame) -> NDArray[np.uint8]:
    """Every fourth value of brightness across and down, of full range."""
    planes = frame.planes
    if planes is None or layout(planes.format).kind == "rgb":
        sparse = np.ascontiguousarray(frame.pixels[::_STRIDE, ::_STRIDE])
        return np.asarray(cv2.cvtColor(sparse, cv2.COLOR_RGB2GRAY), np.uint8)
    bits = layout(planes.format).bits
    gray = "gray" if bits == 8 else f"gray{bits}le"
    plane = planes.arrays[0]
    sparse_planes = Planes(gray, (plane[::_STRIDE, ::_STRIDE].copy(),), planes.colour)
    return rgb_from_planes(sparse_planes)[..., 1].copy()
