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

_GAMMA: Final = 2.2
_RIDGE: Final = (1e-4, 3e-3, 3e-3, 3e-3, 3e-2, 3e-2, 3e-2, 3e-2, 3e-2)
_DARKEST: Final = 0.12  # of a face's mean light: below that it is taken for noise
_MOST: Final = 3.0  # times by which light may grow or fall


def light_ratio(frame: Picture, patch: Picture, normals: Picture, weight: Mask) -> Picture:
    """(n, m, 3) float32 what the patch's pixels are multiplied by to be in the frame's light.

    Colours are code values; the ratio is for them, not for linear light.

    Args:
        frame: (n, m, 3) in [0, 255].
        patch: (n, m, 3) in [0, 255].
        normals: (n, m, 3) unit vectors: right, down, towards the camera.
        weight: (n, m) plain skin; too little of it gives a ratio of 1.
    """
    share = weight.ravel().astype(np.float64)
    if share.sum() < 4:
        return np.ones(frame.shape, np.float32)
    basis = harmonics(normals.reshape(-1, 3).astype(np.float64))
    theirs, mine = (_shading(picture, basis, share) for picture in (frame, patch))
    ratio = np.clip(theirs / mine, 1 / _MOST, _MOST) ** (1 / _GAMMA)
    return np.asarray(ratio.reshape(frame.shape), np.float32)


def harmonics(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 9) the real spherical harmonics up to the second order, without their constants.

    Args:
        normals: (n, 3) unit vectors.
    """
    x, y, z = normals.T
    ones = np.ones_like(x)
    return np.stack([ones, x, y, z, x * y, x * z, y * z, 3 * z * z - 1, x * x - y * y], axis=1)


def _shading(
    picture: Picture, basis: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n, 3) linear light on skin of one colour, as nine harmonics say it, fitted twice.

    The second time, cells far from the first fit (shadows that are cast, spots of gloss) count
    less.
    """
    light = (picture.reshape(-1, 3).astype(np.float64) / 255) ** _GAMMA
    counted = share / share.sum()
    mean = np.maximum(counted @ light, 1e-4)
    for _ in range(2):
        heavy = basis * counted[:, None]
        fit = np.linalg.solve(basis.T @ heavy + np.diag(_RIDGE), heavy.T @ (light / mean))
        apart = np.abs(basis @ fit - light / mean).mean(axis=1)
        counted = share / (1 + (apart / 0.25) ** 2)
        counted /= counted.sum()
    made: NDArray[np.float64] = np.maximum(basis @ fit, _DARKEST) * mean
    return made


def fitted_to(normals: Picture, shape_hw: tuple[int, int]) -> Picture:
    """(h, w, 3) the normals at another resolution.

    Args:
        normals: (n, m, 3) unit vectors.
        shape_hw: Height and width wanted.
    """
    made = np.asarray(cv2.resize(normals, shape_hw[::-1]), np.float32)
    length = np.linalg.norm(made, axis=-1, keepdims=True)
    return np.asarray(made / np.maximum(length, 1e-6), np.float32)
