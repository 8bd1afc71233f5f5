"""Does the face flicker? How brightness jumps from frame to frame, against the target's own."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import OVAL
from masquerade.types import RGB, Points

_SIDE = 96


def face_luminance(image: RGB, landmarks: Points) -> NDArray[np.float32]:
    """(96, 96) float32 brightness in [0, 255] of the face's region, upright in its own box.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (478, 3) mesh of the target in this frame, for both the target and the result.
    """
    rim = landmarks[list(OVAL), :2]
    low, high = rim.min(axis=0), rim.max(axis=0)
    scale = (high - low) / _SIDE
    matrix = np.array([[scale[0], 0, low[0]], [0, scale[1], low[1]]], np.float64)
    crop = cv2.warpAffine(image, matrix, (_SIDE, _SIDE), flags=cv2.WARP_INVERSE_MAP)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)


def flicker_ratio(
    result: NDArray[np.float32], target: NDArray[np.float32], *, cells: int = 8
) -> float:
    """Mean absolute second difference over time of brightness, the result's over the target's.

    Brightness is averaged over a grid of cells first, so that grain does not count as flicker;
    1 means as steady as the target.

    Args:
        result: (n, s, s) from `face_luminance`, n >= 3.
        target: (n, s, s) likewise, of the untouched frames.
        cells: Cells of the grid along each side; as many as pixels compares pixel by pixel.
    """
    return _jumps(result, cells) / max(_jumps(target, cells), 1e-6)


def _jumps(clip: NDArray[np.float32], cells: int) -> float:
    n, side, _ = clip.shape
    part = side // cells
    cut = clip[:, : part * cells, : part * cells]
    means = cut.reshape(n, cells, part, cells, part).mean(axis=(2, 4))
    return float(np.abs(means[2:] - 2 * means[1:-1] + means[:-2]).mean())
