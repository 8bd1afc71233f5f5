"""A patch's light, colour and sharpness brought to those of the frame around it.

Light is what varies slowly over plain skin: the difference of frame and patch, averaged over
broad Gaussians of the skin (features left out, so that no brow or beard of the target shines
through) and added to the patch. All of it is measured on a small copy.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Transfer: TypeAlias = Literal["none", "rct", "mkl"]
Picture: TypeAlias = NDArray[np.float32]

SMALL: Final = 48  # pixels a side of the copy on which light is measured
_LEVELS: Final = (0.0, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)


def small_copy(picture: NDArray[np.uint8] | Picture) -> Picture:
    """(48, 48, ...) float32 average over the cells of a picture."""
    return np.asarray(cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA), np.float32)


def light_field(
    frame: Picture, patch: Picture, skin: Mask, *, reach_wh: tuple[float, float]
) -> Picture:
    """(48, 48, 3) what must be added to the patch to give it the frame's light.

    Args:
        frame: (48, 48, 3) in [0, 255].
        patch: (48, 48, 3) in [0, 255].
        skin: (48, 48) weight of each cell; cells of weight 0 take their neighbours' light.
        reach_wh: Standard deviations in cells of what counts as slow, across and down.
    """
    weight = skin[..., None]
    apart = np.concatenate([(frame - patch) * weight, weight], axis=-1)
    near = _blurred(apart, reach_wh)
    far = _blurred(apart, (reach_wh[0] * 3, reach_wh[1] * 3))
    joined = near + 0.03 * far
    return np.asarray(joined[..., :3] / np.maximum(joined[..., 3:], 1e-6), np.float32)


def add_light(patch: RGB, field: Picture, own: Mask | None) -> Picture:
    """(h, w, 3) float32 the patch under the frame's light; what is black stays nearly black.

    Args:
        patch: (h, w, 3) uint8.
        field: (48, 48, 3) from `light_field`.
        own: (h, w) pixels that already have the frame's light.
    """
    height, width = patch.shape[:2]
    full = np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR))
    out = patch.astype(np.float32)
    depth = np.minimum(out[..., 1] * np.float32(1 / 48), 1)
    if own is not None:
        depth *= 1 - own
    full *= depth[..., None]
    out += full
    return out


def colour_change(
    frame: Picture, patch: Picture, weight: Mask, *, how: Transfer
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A (3, 3) matrix and a (3,) shift that bring the patch's colours to the frame's.

    ``rct`` matches mean and spread of each channel (Reinhard et al. 2001); ``mkl`` matches mean
    and covariance with the least movement (Pitie and Kokaram 2007).

    Args:
        frame: (n, m, 3) in [0, 255].
        patch: (n, m, 3) in [0, 255].
        weight: (n, m) what counts.
        how: The transfer; ``none`` gives the identity.
    """
    share = weight.ravel().astype(np.float64)
    if how == "none" or share.sum() < 1e-3:
        return np.eye(3), np.zeros(3)
    share /= share.sum()
    a, b = (x.reshape(-1, 3).astype(np.float64) for x in (patch, frame))
    mean_a, mean_b = share @ a, share @ b
    cov_a, cov_b = (
        ((x - m) * share[:, None]).T @ (x - m) + np.eye(3) for x, m in ((a, mean_a), (b, mean_b))
    )
    if how == "rct":
        gain = np.sqrt(np.diag(cov_b) / np.diag(cov_a))
        matrix = np.diag(np.clip(gain, 0.6, 1.6))
    else:
        root = _power(cov_a, 0.5)
        back = _power(cov_a, -0.5)
        matrix = back @ _power(root @ cov_b @ root, 0.5) @ back
    return matrix, mean_b - matrix @ mean_a


def softness(frame: RGB, patch: Picture, weight: Mask) -> float:
    """Standard deviation in pixels of the blur that makes a patch as soft as the frame.

    Fine detail against medium detail is compared, so that contrast plays no part; negative where
    the patch is softer than the frame: then its absolute value is a share by which to sharpen.

    Args:
        frame: (h, w, 3) uint8, the frame behind the patch.
        patch: (h, w, 3) float32 in [0, 255].
        weight: (h, w) what counts.
    """
    mine = cv2.cvtColor(np.clip(patch, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    theirs = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    counted = weight > 0.5
    if counted.sum() < 64:
        return 0.0
    wanted = _fineness(theirs.astype(np.float32), counted)
    plain = mine.astype(np.float32)
    before = _fineness(plain, counted)
    if before <= wanted:
        return -float(min(wanted / max(before, 1e-3) - 1, 1.0))
    last, last_sigma = before, 0.0
    for sigma in _LEVELS[1:]:
        now = _fineness(_gauss(plain, sigma), counted)
        if now <= wanted:
            share = (last - wanted) / max(last - now, 1e-6)
            return last_sigma + share * (sigma - last_sigma)
        last, last_sigma = now, sigma
    return _LEVELS[-1]


def soften(patch: Picture, sigma: float) -> Picture:
    """The patch blurred by `sigma` pixels, or sharpened by the share ``-sigma``.

    Args:
        patch: (h, w, 3) float32.
        sigma: From `softness`.
    """
    if sigma >= 0.3:
        return _gauss(patch, sigma)
    if sigma < -0.05:
        return np.asarray(cv2.addWeighted(patch, 1 - sigma, _gauss(patch, 1.0), sigma, 0))
    return patch


def _fineness(grey: Picture, counted: NDArray[np.bool_]) -> float:
    one = _gauss(grey, 0.8)
    two = _gauss(one, 1.6)
    fine = float(np.abs(grey - one)[counted].mean())
    medium = float(np.abs(one - two)[counted].mean())
    return fine / max(medium, 1e-3)


def _gauss(picture: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _blurred(cells: Picture, reach_wh: tuple[float, float]) -> Picture:
    x, y = (max(0.5, reach) for reach in reach_wh)
    soft = cv2.GaussianBlur(cells, (0, 0), x, sigmaY=y, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    powered: NDArray[np.float64] = (vectors * np.maximum(values, 1e-6) ** exponent) @ vectors.T
    return powered
