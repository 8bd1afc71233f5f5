"""How far eyes are open, told through a whole track.

The network that reads lids says of a shut eye that it is open by a fifth to two fifths, and at
times it sees one eye of a blink as half open. What an open eye of the same face measures, and the
other eye, tell how far the lids really are apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.types import Points

_USUAL: Final = 0.8  # quantile of the openings in a track that an eye is usually open by
_NARROWEST: Final = 0.14  # opening below which an eye is shut, whoever's it is
_OPEN: Final = 0.3  # of anyone's eye
_SHUT_SHARE: Final = 0.3  # of the usual opening, read of shut eyes
_OPEN_SHARE: Final = 0.95  # likewise, from which on an eye counts as open
_SINKS: Final = 1.2  # lids that look down are read as more open than they are
_WINK: Final = 0.3  # difference of the eyes up to which both take part in a blink
_SEAM: Final = 0.25  # where shut lids meet, from the lower one's place to the upper one's


def openings(landmarks: Points) -> tuple[float, float]:
    """How far the right and the left eye are open: height between the lids over width.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return _opening(landmarks, RIGHT_EYE), _opening(landmarks, LEFT_EYE)


def usual_openings(read: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,) how far each eye of a face is open when it is open.

    Args:
        read: (n, 2) from `openings`, of n frames.
    """
    usual = np.quantile(read, _USUAL, axis=0)
    return np.asarray(np.where(usual < _NARROWEST, _OPEN, usual))


def open_shares(read: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) how far each eye is open through a track: 0 shut, 1 as usual or wider.

    Args:
        read: (n, 2) from `openings`.
    """
    shares = read / usual_openings(read)
    other = shares.min(axis=1, keepdims=True)
    together = np.clip((_OPEN_SHARE - shares) / _WINK, 0, 1)
    shares = shares - together * (shares - other)
    inside = np.clip((shares - _SHUT_SHARE) / (_OPEN_SHARE - _SHUT_SHARE), 0, 1)
    return np.asarray(inside**_SINKS)


def settle_lids(landmarks: Points) -> Points:
    """(n, 478, 3) the same meshes of one track, with lids as far apart as they really are.

    Args:
        landmarks: (n, 478, 3) in pixels, n frames of one face.
    """
    read = np.array([openings(one) for one in landmarks])
    shares = open_shares(read)
    made = landmarks.copy()
    factors = np.minimum(1, shares * usual_openings(read) / np.maximum(read, 1e-6))
    for k, eye in enumerate((RIGHT_EYE, LEFT_EYE)):
        upper, lower = list(eye[1:8]), list(eye[:8:-1])
        factor = factors[:, k, None, None].astype(landmarks.dtype)
        seam = made[:, lower] + np.float32(_SEAM) * (made[:, upper] - made[:, lower])
        for row in (upper, lower):
            made[:, row] = seam + factor * (made[:, row] - seam)
    return made


def _opening(landmarks: Points, eye: tuple[int, ...]) -> float:
    upper, lower = list(eye[3:6]), [eye[13], eye[12], eye[11]]
    width = float(np.linalg.norm(landmarks[eye[0], :2] - landmarks[eye[8], :2]))
    apart = np.linalg.norm(landmarks[upper, :2] - landmarks[lower, :2], axis=1)
    return float(apart.mean()) / max(width, 1e-6)
