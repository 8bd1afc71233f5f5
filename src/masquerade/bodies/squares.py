"""The squares in which a picture is searched: all of it, and where it is long overlapping parts.

A detector sees its square small, so that people or hands in a long picture are found in its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.types import RGB, Points

_TILES: Final = 1.6  # of the shorter side: pictures longer than this are searched in squares too


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a picture, as a detector sees it.

    Attributes:
        pixels: (side, side, 3) uint8 RGB, black where the picture ends.
        scale: Pixels of the picture for one of these.
        corner: (2,) float32 where the square's corner lies in the picture.
    """

    pixels: RGB
    scale: np.float32
    corner: Points

    def in_picture(self, points: Points) -> Points:
        """Points of the square, in pixels of the picture."""
        return points * self.scale + self.corner


def squares(picture: RGB, side: int) -> Iterator[Square]:
    """The squares to search, the whole picture first.

    Args:
        picture: (H, W, 3) uint8 RGB.
        side: Of the squares, in pixels as the detector takes them.
    """
    for x0, y0, size in _places(picture.shape[:2]):
        part = picture[y0 : y0 + size, x0 : x0 + size]
        canvas = np.zeros((size, size, 3), np.uint8)
        canvas[: part.shape[0], : part.shape[1]] = part
        small = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
        corner = np.array([x0, y0], np.float32)
        yield Square(np.asarray(small, np.uint8), np.float32(size / side), corner)


def _places(shape_hw: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Left, top and side of each square."""
    height, width = shape_hw
    size, longer = min(height, width), max(height, width)
    yield 0, 0, longer
    if longer < _TILES * size:
        return
    count = int(np.ceil((longer - size / 2) / (size / 2)))
    for start in np.linspace(0, longer - size, count).astype(int).tolist():
        yield (start, 0, size) if width > height else (0, start, size)
