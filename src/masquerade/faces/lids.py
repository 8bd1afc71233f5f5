"""Whether eyes are open, and where their lids lie."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.types import Points

_SHUT: Final = 0.4  # opening, as a share of the usual one, at and below which an eye is shut
_SINKS: Final = 0.7  # opening, likewise, from which on it counts as being shut


def openings(landmarks: Points) -> tuple[float, float]:
    """How far the right and the left eye are open: height between the lids over width.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return _opening(landmarks, RIGHT_EYE), _opening(landmarks, LEFT_EYE)


def shutness(now: float, usual: float) -> float:
    """0 for an open eye, 1 for a shut one, smooth between.

    Args:
        now: Opening in this frame.
        usual: Opening of the same eye when it is open.
    """
    share = float(np.clip((_SINKS - now / max(usual, 1e-3)) / (_SINKS - _SHUT), 0, 1))
    return share * share * (3 - 2 * share)


def lid_outline(landmarks: Points, eye: tuple[int, ...]) -> NDArray[np.float32]:
    """(24, 2) an oval around both lids of an eye, from the crease above to the rim below.

    Args:
        landmarks: (478, 3) in pixels.
        eye: Ring of the eye's points, from its outer corner over the upper lid.
    """
    outer, inner = landmarks[eye[0], :2], landmarks[eye[8], :2]
    along = (inner - outer) / 2
    down = np.array([-along[1], along[0]]) * (1 if along[0] > 0 else -1)
    turn = np.arange(24) * (2 * np.pi / 24)
    middle = (outer + inner) / 2 - 0.1 * down
    ring = middle + 1.1 * np.cos(turn)[:, None] * along + 0.68 * np.sin(turn)[:, None] * down
    return np.asarray(ring, np.float32)


def _opening(landmarks: Points, eye: tuple[int, ...]) -> float:
    upper, lower = list(eye[3:6]), [eye[13], eye[12], eye[11]]
    width = float(np.linalg.norm(landmarks[eye[0], :2] - landmarks[eye[8], :2]))
    apart = np.linalg.norm(landmarks[upper, :2] - landmarks[lower, :2], axis=1)
    return float(apart.mean()) / max(width, 1e-6)
