"""The whole face cut out of a frame: always upright, of one size, and steady from frame to frame.

The square follows the head and not what the face does: it is laid over the neutral face that fits
the skull's own points (Umeyama 1991, `masquerade.faces.pose.fit_head`), so a mouth that opens or
a head that turns does not shift or scale it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np

from masquerade.faces.align import Affine, square_crop
from masquerade.faces.mesh import OVAL, SURFACE, topology
from masquerade.faces.pose import fit_head
from masquerade.types import Mask, Points

MARGIN: Final = 0.2
"""Room on each side of the face, in its heights from forehead to chin."""
_SUBPIXEL: Final = 4  # bits after the binary point of a drawn corner
_FOREHEAD: Final = 0.06  # of the face's height, by which the hull goes on above the mesh


def whole_face(landmarks: Points, side: int, *, margin: float = MARGIN) -> Affine:
    """(2, 3) crop_from_frame of the square around a whole face, eyes level.

    Args:
        landmarks: (478, 3) in frame pixels.
        side: Width and height of the crop in pixels.
        margin: Room on each side, in heights of the face.

    Example:
        >>> whole_face(topology().neutral * 100, 256).shape
        (2, 3)
    """
    fit = fit_head(landmarks)
    middle, height = _neutral()
    centre = (fit.scale * fit.turn @ middle + fit.shift)[:2]
    across = fit.turn @ np.array([1.0, 0.0, 0.0])
    down = fit.turn @ np.array([0.0, 1.0, 0.0])
    # Both axes of the face as seen; of a profile the first is short and says little.
    angle = float(np.arctan2(across[1] - down[0], across[0] + down[1]))
    return square_crop(centre, fit.scale * height * (1 + 2 * margin), angle, side)


def face_hull(landmarks: Points, side: int) -> Mask:
    """(side, side) float32 in [0, 1]: 1 within the outline of the face, forehead included.

    Args:
        landmarks: (478, 3) in pixels of the crop.
        side: Its width and height.
    """
    points = landmarks[:SURFACE, :2]
    up = points[OVAL[0]] - points[152]
    brow = points[[*OVAL[:6], *OVAL[-5:]]] + np.float32(_FOREHEAD) * up
    hull = cv2.convexHull(np.concatenate([points, brow]).astype(np.float32))
    corners = np.round(hull * (1 << _SUBPIXEL)).astype(np.int32)
    drawn = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(drawn, corners, 255, cv2.LINE_AA, _SUBPIXEL)
    return drawn.astype(np.float32) / np.float32(255)


@cache
def _neutral() -> tuple[Points, float]:
    """(3,) the middle of the neutral face's outline, half way to its nose, and its height."""
    neutral = topology().neutral
    rim = neutral[list(OVAL)]
    low, high = rim.min(axis=0), rim.max(axis=0)
    middle = (low + high) / 2
    middle[2] = (float(rim[:, 2].mean()) + float(neutral[:SURFACE, 2].min())) / 2
    return middle, float(np.linalg.norm(neutral[10] - neutral[152]))
