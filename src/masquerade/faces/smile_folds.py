"""The folds that a smile lays beside a mouth: found in a photo, and taken off a face at rest.

A photo shows somebody who smiles, and the face it is drawn over does not: its narrower mouth would
push the folds together, and they would look carved. What is darker or brighter along them than the
skin around is kept as a factor, and divided out as far as the drawn mouth smiles less.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import COUNT, INNER_LIPS, LIPS, OVAL, SURFACE, interocular_px, topology
from masquerade.faces.mouth import lips
from masquerade.faces.proportion import Proportion
from masquerade.faces.staging import ramp
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import RGB, Mask, PixelBox, Points

ONE: Final = 128
"""A factor of 1."""
_SMALL_PX: Final = 80.0  # interocular distance at which folds are looked for
_FINE: Final = 0.012  # interocular distances: what is narrower is the skin's grain, and stays
_BROAD: Final = 0.10  # and what is broader is the face's shape
_DEEPEST: Final = 0.5  # of the logarithm of brightness; what differs more is no fold
_PATHS: Final = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
_REACH: Final = 0.17  # to both sides of those paths
_LIPS: Final = (0.01, 0.04)  # distance of the lips from which, and at which wholly, skin may fold
_NOSE: Final = (0.03, 0.10)  # likewise of the nose, whose wings have shadows of their own
_CORNERS: Final = (61, 185, 146, 78, 291, 409, 375, 308)  # of the mouth: dimples lie there
_WINGS: Final = (48, 49, 64, 98, 97, 2, 326, 327, 294, 279, 278, 240, 460, 99, 328)
_LESS: Final = (0.04, 0.20)  # by which a mouth smiles less, for folds to begin to go and to be gone
_GONE: Final = 0.7  # share of them that goes


def folds(picture: RGB, landmarks: Points, bare: Mask) -> RGB:
    """(H, W, 3) how much brighter skin beside the mouth would be without folds; `ONE` is as it is.

    Args:
        picture: (H, W, 3) uint8.
        landmarks: (478, 3) its mesh in pixels.
        bare: (H, W) from `masquerade.faces.occlusion.bare.bare_face`.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _SMALL_PX / max(interocular_px(landmarks), 1.0))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    points = widen(landmarks)
    points = np.column_stack([(points[:, :2] + 0.5) * scale - 0.5, points[:, 2] * scale])
    carried = np.stack([*_beside(), sheet().inward], axis=1).astype(np.float32)
    box: PixelBox = (0, 0, size[0], size[1])
    drawn = dense_map(points.astype(np.float32), carried, box, step=1.0)
    plain = drawn[..., 1] * ramp(drawn[..., 2] / 0.05)
    plain *= cv2.resize(bare, size, interpolation=cv2.INTER_AREA)
    unit = scale * interocular_px(landmarks)
    light = np.log(small.astype(np.float32) + 8)
    apart = _averaged(light, plain, _BROAD * unit) - _averaged(light, plain, _FINE * unit)
    sure = 1 - ramp(np.abs(apart[..., 1]) / _DEEPEST - 1)
    where = (drawn[..., 0] * plain * sure)[..., None]
    factor = np.exp(np.clip(apart, -_DEEPEST, _DEEPEST) * where)
    made = cv2.convertScaleAbs(factor.astype(np.float32), alpha=ONE)
    return np.asarray(cv2.resize(made, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def smile_of(landmarks: Points) -> float:
    """How much a mouth smiles, in the units of the neutral face.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return lips.smile(Proportion.of(landmarks).points)


def share_gone(smiled: float, smiles: float) -> float:
    """How much of the folds is to be gone, in [0, 1].

    Args:
        smiled: From `smile_of`, in the photo.
        smiles: Likewise of the drawn face.
    """
    first, last = _LESS
    return _GONE * float(ramp(np.float32((smiled - smiles - first) / (last - first))))


def flatten(pixels: RGB, factor: RGB, share: float) -> None:
    """Takes a share of the folds off a face, in place.

    Args:
        pixels: (h, w, 3) uint8.
        factor: (h, w, 3) what `folds` gave, there.
        share: In [0, 1].
    """
    if share <= 0:
        return
    table = 1 + np.float32(share) * (np.arange(256, dtype=np.float32) / ONE - 1)
    pixels[:] = cv2.multiply(pixels, cv2.LUT(factor, table), dtype=cv2.CV_8U)


def _averaged(light: NDArray[np.float32], plain: Mask, sigma: float) -> NDArray[np.float32]:
    """(h, w, 3) the light averaged over plain skin alone."""
    sums = cv2.GaussianBlur(np.dstack([light * plain[..., None], plain]), (0, 0), max(sigma, 0.5))
    return np.asarray((sums[..., :3] + 1e-4 * light) / (sums[..., 3:] + 1e-4), np.float32)


@cache
def _beside() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(550,) twice: 1 where a smile folds the skin, 0 far from there; 1 on skin, 0 on lips."""
    neutral = topology().neutral[:SURFACE, :2]
    lips_off, wings_off = (
        np.linalg.norm(neutral[:, None] - neutral[list(part)], axis=-1).min(axis=1)
        for part in ({*LIPS, *INNER_LIPS} - set(_CORNERS), _WINGS)
    )
    near = np.full(SURFACE, np.inf)
    for path in _PATHS:
        places = neutral[list(path)]
        steps = np.linspace(0, len(path) - 1, 8 * len(path))
        line = np.column_stack([np.interp(steps, np.arange(len(path)), xy) for xy in places.T])
        near = np.minimum(near, np.linalg.norm(neutral[:, None] - line, axis=-1).min(axis=1))
    skin = np.clip((lips_off - _LIPS[0]) / (_LIPS[1] - _LIPS[0]), 0, 1)
    skin *= np.clip((wings_off - _NOSE[0]) / (_NOSE[1] - _NOSE[0]), 0, 1)
    fold = np.exp(-0.5 * (near / _REACH) ** 2)
    rest = np.zeros(COUNT + 2 * len(OVAL) - SURFACE)
    made = np.concatenate([fold, rest]), np.concatenate([skin, rest])
    return made[0].astype(np.float32), made[1].astype(np.float32)
