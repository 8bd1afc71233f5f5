"""A patch's light, colour and sharpness brought to those of the frame around it.

Light is what varies slowly over plain skin: the difference of frame and patch, averaged over
broad Gaussians of the skin (features left out, so that no brow or beard of the target shines
through) and added to the patch. All of it is measured on a small copy.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Transfer: TypeAlias = Literal["none", "rct", "mkl"]
Picture: TypeAlias = NDArray[np.float32]

SMALL: Final = 32  # pixels a side of the copy on which light is measured
_FINE: Final = 0.075  # reach of the light matched at the edge, as a share of the face's size
_EDGE: Final = 0.12  # how far in from the edge that is done, likewise
_LEVELS: Final = (0.0, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)


def small_copy(picture: NDArray[np.uint8] | Picture) -> Picture:
    """(32, 32, ...) float32 average over the cells of a picture."""
    return np.asarray(cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA), np.float32)


def weighted(picture: Picture, weight: Mask) -> Picture:
    """(h, w, 3) float32 picture times (h, w) weight, in half the time that broadcasting takes."""
    return np.asarray(cv2.multiply(picture, cv2.merge((weight, weight, weight))), np.float32)


def light_field(
    frame: Picture,
    patch: Picture,
    skin: Mask,
    mask: Mask,
    *,
    face_wh: tuple[float, float],
    reach: float,
) -> Picture:
    """(32, 32, 3) float32 what must be added to the patch to give it the frame's light.

    Inside the mask only broad light is matched, so that the patch keeps its own relief; towards
    the mask's edge finer and finer light, so that no seam is left.

    Args:
        frame: (32, 32, 3) in [0, 255].
        patch: (32, 32, 3) in [0, 255].
        skin: (32, 32) weight of each cell; cells of weight 0 take their neighbours' light.
        mask: (32, 32) the patch's mask.
        face_wh: The face's size in cells, across and down.
        reach: Standard deviation of what counts as broad, as a share of the face's size.
    """
    weight = skin[..., None]
    apart = np.concatenate([(frame - patch) * weight, weight], axis=-1)
    everywhere = apart.mean(axis=(0, 1))
    slow = _blurred(apart, face_wh, reach)
    broad = _share(slow + 0.03 * everywhere)
    fine = _share(_blurred(apart, face_wh, _FINE) + 0.01 * slow + 1e-4 * everywhere)
    depth = _blurred(mask, face_wh, _EDGE)
    inside = np.clip(2 * depth - 1, 0, 1)[..., None]
    return fine + inside * (broad - fine)


def _share(sums: Picture) -> Picture:
    """(..., 3) the first three channels over the last."""
    return np.asarray(sums[..., :3] / np.maximum(sums[..., 3:], 1e-6), np.float32)


def add_light(
    patch: RGB,
    field: Picture,
    own: Mask | None,
    *,
    skin_level: float,
    recolour: NDArray[np.float64] | None = None,
) -> Picture:
    """(h, w, 3) float32 the patch under the frame's light; what is dark takes on less of it.

    Brows, lashes and pupils reflect less than skin, so light changes them less.

    Args:
        patch: (h, w, 3) uint8.
        field: (32, 32, 3) from `light_field`.
        own: (h, w) pixels that already have the frame's light.
        skin_level: Brightness in [0, 255] (of green) of the patch's plain skin.
        recolour: (3, 4) matrix and shift from `colour_change`, which comes before the light.
    """
    height, width = patch.shape[:2]
    enlarged = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    full = np.asarray(enlarged, np.float32)
    if recolour is not None:
        plain = patch.astype(np.float32)
        full += np.asarray(cv2.transform(plain, recolour), np.float32) - plain
    levels = np.arange(256, dtype=np.float32) / np.float32(max(skin_level, 8.0) * 0.9)
    taken = cv2.LUT(patch[..., 1], np.minimum(levels, 1) ** np.float32(0.8))
    share = np.asarray(taken, np.float32)
    if own is not None:
        share = share * (1 - own)
    lit = weighted(full, share)
    return np.asarray(cv2.add(lit, patch, dst=lit, dtype=cv2.CV_32F), np.float32)


def colour_change(
    frame: Picture, patch: Picture, weight: Mask, *, how: Transfer
) -> NDArray[np.float64]:
    """(3, 4) matrix and shift that bring the patch's colours to the frame's.

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
        return np.eye(3, 4)
    share /= share.sum()
    a, b = (x.reshape(-1, 3).astype(np.float64) for x in (patch, frame))
    mean_a, mean_b = share @ a, share @ b
    cov_a, cov_b = (
        ((x - m) * share[:, None]).T @ (x - m) + np.eye(3) for x, m in ((a, mean_a), (b, mean_b))
    )
    if how == "rct":
        gain = np.sqrt(np.diag(cov_b) / np.diag(cov_a))
        matrix = np.diag(np.clip(gain, 0.7, 1.3))
    else:
        root = _power(cov_a, 0.5)
        back = _power(cov_a, -0.5)
        matrix = back @ _power(root @ cov_b @ root, 0.5) @ back
    return np.column_stack([matrix, mean_b - matrix @ mean_a])


def softness(frame: RGB, patch: RGB, weight: Mask) -> float:
    """Standard deviation in pixels of the blur that makes a patch as soft as the frame.

    Fine detail against medium detail is compared, so that contrast plays no part; negative where
    the patch is softer than the frame: then its absolute value is a share by which to sharpen.

    Args:
        frame: (h, w, 3) uint8, the frame behind the patch.
        patch: (h, w, 3) uint8.
        weight: (h, w) what counts.
    """
    counted = weight > 0.5
    if counted.sum() < 64:
        return 0.0
    wanted = _fineness(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), counted)
    plain = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.float32)
    last, last_sigma = _fineness(plain, counted), 0.0
    if last <= wanted:
        return -float(min(wanted / max(last, 1e-3) - 1, 1.0))
    for sigma in _LEVELS[1:]:
        now = _fineness(_gauss(plain, sigma), counted)
        if now <= wanted:
            share = (last - wanted) / max(last - now, 1e-6)
            return last_sigma + share * (sigma - last_sigma)
        last, last_sigma = now, sigma
    return _LEVELS[-1]


def soften(patch: RGB, sigma: float) -> RGB:
    """The patch blurred by `sigma` pixels, or sharpened by the share ``-sigma``.

    Args:
        patch: (h, w, 3) uint8.
        sigma: From `softness`.
    """
    if sigma >= 0.3:
        return np.asarray(_gauss(patch, sigma), np.uint8)
    if sigma < -0.05:
        made = cv2.addWeighted(patch, 1 - sigma, _gauss(patch, 1.0), sigma, 0)
        return np.asarray(made).astype(np.uint8, copy=False)
    return patch


def _fineness(grey: NDArray[Any], counted: NDArray[np.bool_]) -> float:
    plain = np.asarray(grey, np.float32)
    one = _gauss(plain, 0.8)
    two = _gauss(one, 1.6)
    fine = float(np.abs(plain - one)[counted].mean())
    medium = float(np.abs(one - two)[counted].mean())
    return fine / max(medium, 1e-3)


def _gauss(picture: NDArray[Any], sigma: float) -> NDArray[Any]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _blurred(cells: Picture, face_wh: tuple[float, float], reach: float) -> Picture:
    x, y = (max(0.5, side * reach) for side in face_wh)
    soft = cv2.GaussianBlur(cells, (0, 0), x, sigmaY=y, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    powered: NDArray[np.float64] = (vectors * np.maximum(values, 1e-6) ** exponent) @ vectors.T
    return powered
