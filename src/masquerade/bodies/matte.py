"""Which pixels are people: the network's coarse answer, drawn to the edges of the picture.

He, Sun and Tang, "Guided image filtering" (ECCV 2010): within a small window, the mask is made a
linear function of the picture's brightness, so that its edge falls where the picture's does.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.models.person_mask import PersonMask
from masquerade.types import RGB, Mask

_GUIDED_PX: Final = 512  # longer side at which the edge is found
_REACH: Final = 0.02  # of the longer side
_SMOOTH: Final = 1e-3  # brightness varies by more than the root of this at an edge
_SURE: Final = (0.12, 0.88)  # below and above which a pixel is the one or the other


def person_matte(picture: RGB, network: PersonMask) -> Mask:
    """How much of each pixel is a person.

    Args:
        picture: (H, W, 3) uint8 RGB.
        network: From `PersonMask.open`.

    Returns:
        (H, W) float32 in [0, 1].
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _GUIDED_PX / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    guide = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) / np.float32(255)
    coarse = cv2.resize(network(picture), size, interpolation=cv2.INTER_LINEAR)
    fine = _guided(coarse.astype(np.float32), guide, max(round(_REACH * max(size)), 1))
    low, high = _SURE
    sure = np.clip((fine - low) / (high - low), 0, 1).astype(np.float32)
    full = cv2.resize(sure, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32)


def _guided(mask: Mask, guide: Mask, reach: int) -> Mask:
    window = (2 * reach + 1, 2 * reach + 1)

    def mean(values: Mask) -> Mask:
        return np.asarray(cv2.blur(values, window), np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    slope = (mean(guide * mask) - mean_guide * mean_mask) / (
        mean(guide * guide) - mean_guide**2 + _SMOOTH
    )
    return mean(slope) * guide + mean(mean_mask - slope * mean_guide)
