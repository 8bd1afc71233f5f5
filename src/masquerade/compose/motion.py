"""A patch smeared as the moving face behind it is."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Way: TypeAlias = tuple[float, float]
"""Movement in pixels from one frame to the next: right, down."""

LEAST_PX: Final = 2.5  # movement below which nothing is smeared
_MOST_PX: Final = 41.0
_STEPS: Final = 5
_FINE: Final = 1.5  # pixels: detail finer than that is looked at
_LEAST_SMEAR: Final = 1.3  # pixels: shorter ones cannot be seen


def shutter(frame: RGB, patch: RGB, weight: Mask, way: Way) -> float:
    """The share in [0, 1] of a movement over which the frame is smeared and the patch is not.

    A smear takes detail away along the movement and leaves it across; the smear is looked for
    that makes the patch's detail as one-sided as the frame's.

    Args:
        frame: (h, w, 3) uint8, the frame behind the patch.
        patch: (h, w, 3) uint8.
        weight: (h, w) what counts.
        way: The movement.
    """
    counted = (weight > 0.5).astype(np.uint8)
    if cv2.countNonZero(counted) < 64:
        return 0.0
    theirs, mine = (
        np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.float32) for one in (frame, patch)
    )
    wanted = _sidedness(theirs, counted, way)
    low, high = 0.0, 1.0
    if _sidedness(mine, counted, way) <= wanted:
        return low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        tried = np.asarray(cv2.filter2D(mine, -1, _streak(way, middle)), np.float32)
        if _sidedness(tried, counted, way) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def smeared(patch: RGB, way: Way, share: float) -> RGB:
    """The patch smeared along a share of a movement; the patch itself where that is too short.

    Args:
        patch: (h, w, 3) uint8.
        way: The movement.
        share: In [0, 1], from `shutter`.
    """
    if share * float(np.hypot(*way)) < _LEAST_SMEAR:
        return patch
    made = cv2.filter2D(patch, -1, _streak(way, share), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.uint8)


def _sidedness(grey: NDArray[np.float32], counted: NDArray[np.uint8], way: Way) -> float:
    """Fine detail along a movement over that across it; coarse features have a way of their own."""
    length = float(np.hypot(*way))
    x, y = way[0] / length, way[1] / length
    fine = np.asarray(cv2.subtract(grey, cv2.GaussianBlur(grey, (0, 0), _FINE)), np.float32)
    right, down = (cv2.Scharr(fine, cv2.CV_32F, 1 - k, k) for k in (0, 1))
    along = cv2.addWeighted(right, x, down, y, 0)
    across = cv2.addWeighted(right, -y, down, x, 0)
    sums = [cv2.norm(one, cv2.NORM_L1, counted) for one in (along, across)]
    return sums[0] / max(sums[1], 1e-3)


def _streak(way: Way, share: float) -> NDArray[np.float32]:
    """A kernel that averages along a line of that direction, through its middle."""
    length = float(np.hypot(*way))
    used = min(length * share, _MOST_PX)
    half = int(np.ceil(used / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for step in np.linspace(-used / 2, used / 2, max(3, 2 * round(used) + 1)):
        x, y = half + step * way[0] / length, half + step * way[1] / length
        left, top = int(np.floor(x)), int(np.floor(y))
        right, down = x - left, y - top
        kernel[top, left] += (1 - right) * (1 - down)
        kernel[top, left + 1] += right * (1 - down)
        kernel[top + 1, left] += (1 - right) * down
        kernel[top + 1, left + 1] += right * down
    return np.asarray(kernel / kernel.sum(), np.float32)
