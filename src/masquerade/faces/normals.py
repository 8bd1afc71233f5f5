"""Which way the face's surface looks, over a part of a picture."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import SURFACE, topology
from masquerade.types import PixelBox, Points

_SIDE: Final = 32
_SPREAD: Final = 1.0  # cells over which neighbouring points are averaged
_FAR_SPREAD: Final = 6.0  # likewise where there are none near


def normal_map(landmarks: Points, box: PixelBox) -> NDArray[np.float32]:
    """(32, 32, 3) float32 unit vectors over a box: right, down, towards the camera.

    Points that look away from the camera are left out; beyond the face its nearest part goes on.

    Args:
        landmarks: (478, 3) in pixels.
        box: The part of the frame that the map covers.
    """
    vectors = point_normals(landmarks)
    x0, y0, x1, y1 = box
    size = np.array([x1 - x0, y1 - y0], np.float32)
    places = (landmarks[:SURFACE, :2] - np.array([x0, y0], np.float32)) / size * _SIDE
    cells = np.clip(places.astype(np.int32), 0, _SIDE - 1)
    index = cells[:, 1] * _SIDE + cells[:, 0]
    seen = np.maximum(vectors[:, 2], 0)
    sums = [np.bincount(index, vectors[:, k] * seen, _SIDE * _SIDE) for k in range(3)]
    laid = np.stack([*sums, np.bincount(index, seen, _SIDE * _SIDE)], axis=-1)
    laid = laid.reshape(_SIDE, _SIDE, 4).astype(np.float32)
    near = cv2.GaussianBlur(laid, (0, 0), _SPREAD, borderType=cv2.BORDER_CONSTANT)
    far = cv2.GaussianBlur(laid, (0, 0), _FAR_SPREAD, borderType=cv2.BORDER_CONSTANT)
    made = near + 0.02 * far
    out = made[..., :3] / np.maximum(np.linalg.norm(made[..., :3], axis=-1, keepdims=True), 1e-9)
    out[made[..., 3] <= 0] = (0, 0, 1)
    return np.asarray(out, np.float32)


def point_normals(landmarks: Points) -> NDArray[np.float32]:
    """(468, 3) float32 unit vectors at the surface's points: right, down, towards the camera.

    Args:
        landmarks: (478, 3) in pixels.
    """
    corners = landmarks[topology().skin]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    summed = np.stack(
        [
            np.bincount(topology().skin.ravel(), np.repeat(across[:, k], 3), SURFACE)
            for k in range(3)
        ],
        axis=1,
    )
    summed *= np.array([-1, -1, 1])  # triangles are wound so that z, away, comes out positive
    length = np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)
    return np.asarray(summed / length, np.float32)
