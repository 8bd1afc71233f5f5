"""What a face's place looks like at a glance: enough to tell that something else is there now."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, square_crop
from masquerade.faces.landmarks import Place
from masquerade.types import RGB

Glimpse: TypeAlias = NDArray[np.float32]

SIDE: Final = 20
NOTHING: Final[Glimpse] = np.zeros((SIDE, SIDE), np.float32)
_FLAT: Final = 2.0  # levels of standard deviation below which there is nothing to be seen


def glimpse(image: RGB, place: Place) -> Glimpse:
    """(20, 20) brightness of an upright face, soft, with mean 0 and length 1; 0 where it is flat.

    Args:
        image: (H, W, 3) uint8 RGB.
        place: Where the face is.
    """
    part = crop(image, square_crop(place.centre, place.size_px, place.angle, SIDE), SIDE)
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)
    around = soft - soft.mean()
    length = float(np.linalg.norm(around))
    if length < _FLAT * SIDE:
        return NOTHING
    return np.asarray(around / np.float32(length), np.float32)


def alike(one: Glimpse, other: Glimpse) -> float:
    """Correlation of two glimpses, in [-1, 1]; that of anything with nothing is 0.

    Example:
        >>> picture = np.random.default_rng(1).integers(0, 255, (90, 90, 3)).astype(np.uint8)
        >>> seen = glimpse(picture, Place(np.float32([45, 45]), 60.0, 0.0))
        >>> round(alike(seen, seen), 3)
        1.0
    """
    return float((one * other).sum())
