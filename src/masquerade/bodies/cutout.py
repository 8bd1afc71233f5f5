"""A person's edge in one picture, drawn to where the picture's own edges are.

He, Sun and Tang, "Guided image filtering" (ECCV 2010). Telling person and place apart by colour
(GrabCut) was tried and left out: it took shoes for pavement and grass for sleeves.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.types import RGB, Mask

_REACH: Final = 0.008  # of the person's height
_SMOOTH: Final = 1e-4  # brightness varies by more than the root of this at an edge
_SURE: Final = (0.25, 0.8)  # below and above which a pixel is the one or the other
_LEAST_PX: Final = (8, 16)  # a person narrower or lower than this has no edge to speak of


def fine_matte(picture: RGB, coarse: Mask) -> Mask:
    """How much of each pixel is the person.

    Args:
        picture: (H, W, 3) uint8 RGB.
        coarse: (H, W) float32 in [0, 1] what the network says.

    Returns:
        (H, W) float32 in [0, 1]; that of the network where the person is too small for more.
    """
    box = around(coarse)
    if box is None:
        return coarse
    x0, y0, x1, y1 = box
    out = np.zeros_like(coarse)
    out[y0:y1, x0:x1] = _softened(picture[y0:y1, x0:x1], coarse[y0:y1, x0:x1])
    return out


def around(mask: Mask, *, room: float = 0.08) -> tuple[int, int, int, int] | None:
    """The box around a mask, with room; None where there is hardly any.

    Args:
        mask: (H, W) in [0, 1].
        room: Share of the mask's height that is added on each side.
    """
    rows, columns = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if len(columns) < _LEAST_PX[0] or len(rows) < _LEAST_PX[1]:
        return None
    pad = max(round(room * len(rows)), 4)
    height, width = mask.shape
    return (
        max(int(columns[0]) - pad, 0),
        max(int(rows[0]) - pad, 0),
        min(int(columns[-1]) + 1 + pad, width),
        min(int(rows[-1]) + 1 + pad, height),
    )


def _softened(part: RGB, mask: Mask) -> Mask:
    """(h, w) the mask as a linear function of brightness in each small window."""
    guide = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    reach = max(round(_REACH * len(part)), 1)
    window = (2 * reach + 1, 2 * reach + 1)

    def mean(values: Mask) -> Mask:
        return np.asarray(cv2.blur(values, window), np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    spread = mean(guide * guide) - mean_guide**2 + np.float32(_SMOOTH)
    slope = (mean(guide * mask) - mean_guide * mean_mask) / spread
    soft = mean(slope) * guide + mean(mean_mask - slope * mean_guide)
    low, high = _SURE
    return np.asarray(np.clip((soft - low) / (high - low), 0, 1), np.float32)
