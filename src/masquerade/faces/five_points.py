"""The five points by which networks of faces are aligned, taken from the mesh."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.faces.align import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    Affine,
    Floats,
    similarity,
)
from masquerade.types import Points

# The neutral face laid into ffhq_512 by these misses its points by 0.4 px of 112, into the ArcFace
# templates by 1.1 to 1.6 px; the point below the tip (1) would miss by twice as much.
_NOSE_TIP: Final = 4
_MOUTH_CORNERS: Final = (61, 291)


def five_points(landmarks: Points) -> Points:
    """(5, 2) eyes, tip of the nose, corners of the mouth; those at the picture's left first.

    An eye is the middle of its corners, which stays where it is when it blinks or looks aside.

    Args:
        landmarks: (478, 3) in pixels.

    Example:
        >>> from masquerade.faces.mesh import topology
        >>> five_points(topology().neutral).shape
        (5, 2)
    """
    right = (landmarks[RIGHT_EYE_OUTER] + landmarks[RIGHT_EYE_INNER]) / 2
    left = (landmarks[LEFT_EYE_OUTER] + landmarks[LEFT_EYE_INNER]) / 2
    rest = landmarks[[_NOSE_TIP, *_MOUTH_CORNERS]]
    return np.asarray(np.vstack([right, left, rest])[:, :2], np.float32)


def crop_by_five(landmarks: Points, template: Floats) -> Affine:
    """crop_from_frame of the crop in which a face's five points lie nearest to a template's.

    Args:
        landmarks: (478, 3) in pixels of the frame.
        template: (5, 2) in pixels of the crop.

    Returns:
        (2, 3) float64 rotation, scale and shift.
    """
    return similarity(five_points(landmarks), template)
