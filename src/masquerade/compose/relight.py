"""The frame's light laid on a patch through the shape of the face: spherical harmonics.

Under distant light the brightness of matt skin depends on the direction it faces, and nine
harmonics say nearly all of it (Ramamoorthi and Hanrahan, "An efficient representation for
irradiance environment maps", 2001). They are read off the frame and off the patch; their ratio
takes one light away and puts the other on (Wen et al., "Face relighting with radiance environment
maps", 2003).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.light import Picture
from masquerade.types import Mask

_RIDGE: Final = np.array([1e-6, 0.01, 0.01, 0.01, 0.06, 0.06, 0.06, 0.06, 0.06])
_COUNT: Final = 9  # harmonics
_LEAST_CELLS: Final = 16  # of skin
_LEAST_WEIGHT: Final = 0.05  # of a cell, below which it is left out
_FLOOR: Final = 8.0  # levels: darker cells say little of light
_MOST: Final = 1.0  # of the logarithm of the ratio, to either side
_ALIKE: Final = 0.16  # spread of that logarithm up to which two lights are taken for the same one
_APART: Final = 0.32  # and from which on they are taken for two


def lights_apart(
    frame: Picture, patch: Picture, normals: Picture, weight: Mask
) -> NDArray[np.float64]:
    """(9, 3) the frame's light less the patch's: logarithms, in harmonics, for each colour.

    Args:
        frame: (n, m, 3) in [0, 255].
        patch: (n, m, 3) in [0, 255].
        normals: (n, m, 3) unit vectors: right, down, towards the camera.
        weight: (n, m) plain skin; too little of it gives no difference.
    """
    share = weight.ravel().astype(np.float64)
    counted = share > _LEAST_WEIGHT
    if share.sum() < _LEAST_CELLS:
        return np.zeros((_COUNT, 3))
    share = share[counted] / share[counted].sum()
    basis = harmonics(normals.reshape(-1, 3)[counted].astype(np.float64))
    theirs, mine = (
        _log_light(picture.reshape(-1, 3)[counted], basis, share) for picture in (frame, patch)
    )
    return theirs - mine


def light_ratio(apart: NDArray[np.float64], normals: Picture, weight: Mask) -> Picture:
    """(n, m, 3) float32 what a patch's pixels are multiplied by to be lit from the frame's side.

    Only where light comes from is said here, not how bright it is: the mean of the ratio's
    logarithm is 0. Two lights from much the same side give a ratio of 1, because what then differs
    is skin.

    Args:
        apart: From `lights_apart`.
        normals: (n, m, 3) unit vectors: right, down, towards the camera.
        weight: (n, m) plain skin.
    """
    share = weight.ravel().astype(np.float64)
    share /= max(float(share.sum()), 1e-6)
    ratio = harmonics(normals.reshape(-1, 3).astype(np.float64)) @ apart
    ratio -= share @ ratio
    spread = float(np.sqrt(share @ ratio.mean(axis=1) ** 2))
    trust = np.clip((spread - _ALIKE) / (_APART - _ALIKE), 0, 1)
    limited = np.exp(trust * _MOST * np.tanh(ratio / _MOST))
    return np.asarray(limited.reshape(normals.shape), np.float32)


def harmonics(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 9) the real spherical harmonics up to the second order, without their constants.

    Args:
        normals: (n, 3) unit vectors.
    """
    x, y, z = normals.T
    ones = np.ones_like(x)
    return np.stack([ones, x, y, z, x * y, x * z, y * z, 3 * z * z - 1, x * x - y * y], axis=1)


def _log_light(
    picture: NDArray[np.float32], basis: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(9, 3) the logarithm of light on skin of one colour in nine harmonics, fitted twice.

    The second time, cells far from the first fit (shadows that are cast, spots of gloss) count
    less.
    """
    light = np.log(np.maximum(picture, 0).astype(np.float64) + _FLOOR)
    light -= share @ light
    counted: NDArray[np.float64] = share
    for _ in range(2):
        heavy = basis * counted[:, None]
        fit = np.linalg.solve(basis.T @ heavy + np.diag(_RIDGE), heavy.T @ light)
        apart = np.abs(basis @ fit - light).mean(axis=1)
        trusted = share / (1 + (apart / 0.2) ** 2)
        counted = trusted / trusted.sum()
    return np.asarray(fit, np.float64)


def fitted_to(normals: Picture, shape_hw: tuple[int, int]) -> Picture:
    """(h, w, 3) the normals at another resolution.

    Args:
        normals: (n, m, 3) unit vectors.
        shape_hw: Height and width wanted.
    """
    made = np.asarray(cv2.resize(normals, shape_hw[::-1]), np.float32)
    length = np.linalg.norm(made, axis=-1, keepdims=True)
    return np.asarray(made / np.maximum(length, 1e-6), np.float32)
