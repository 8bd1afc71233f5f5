"""How far lips are apart and how they are drawn, told from a mesh."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.faces.mesh import interocular_px
from masquerade.types import Points

MIDDLES: Final = (13, 14)
"""Points of the inner lips in their middle, the upper one first."""
CORNERS: Final = (61, 291)
"""Corners of the mouth, the person's right one first."""


def apart(points: Points) -> float:
    """Distance of the inner lips in their middle, in the unit of the points.

    Args:
        points: (478, 3) of a mesh; (478, 2) for the distance in the picture alone.
    """
    upper, lower = MIDDLES
    return float(np.linalg.norm(points[upper] - points[lower]))


def width(points: Points) -> float:
    """Distance of the corners of the mouth, in the unit of the points.

    Args:
        points: (478, 3) of a mesh, or (478, 2).
    """
    right, left = CORNERS
    return float(np.linalg.norm(points[right] - points[left]))


def raised(points: Points) -> float:
    """How far the corners of the mouth lie above its middle, in the unit of the points.

    Args:
        points: (478, 3) or (478, 2) of an upright face, y down.
    """
    return float(points[list(MIDDLES), 1].mean() - points[list(CORNERS), 1].mean())


def smile(points: Points) -> float:
    """How wide a mouth is and how far its corners are raised; compare with the same at rest.

    Args:
        points: (478, 3) of an upright face, y down.
    """
    return width(points) + raised(points)


def opening(landmarks: Points) -> float:
    """How far the inner lips are apart in the picture, in distances of the eyes.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return apart(landmarks[:, :2]) / max(interocular_px(landmarks), 1e-6)
