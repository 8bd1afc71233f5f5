"""A face's pixels on a small map, fast enough for every frame, in tones that light does not change.

The map is that of `masquerade.faces.unrolled`, 64 pixels wide. Tones are logarithms: light then is
a sum and can be taken off, and a shadow leaves the two tones of colour as they are (Finlayson et
al., "On the removal of shadows from images", 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, LIPS, RIGHT_EYE
from masquerade.faces.unrolled import SIDE, SMALL, layout
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import RGB, Mask, Points

Tones = NDArray[np.float32]

_BLACK: Final = 12.0  # levels added before a logarithm, so that noise in the dark stays small
_FACE_PX: Final = 56.0  # a face is read at no less than this height
_LOGARITHM: Final = np.log(np.arange(256) + _BLACK).astype(np.float32)
_FULL: Final = float(np.log(246 + _BLACK))  # of a channel: from here on it may have been cut off
_OPPONENT: Final = np.array([[1 / 3, 1 / 3, 1 / 3], [1, -1, 0], [0, 1, -1]], np.float32)
_CHANNELS: Final = np.linalg.inv(_OPPONENT).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Regions:
    """What lies where on the small map, (64, 64) each.

    Attributes:
        face: True within the outline.
        skin: float32, 1 on plain skin.
        moving: float32, 1 on eyes, lips and between them, where looks change by themselves.
        rim: float32, 1 at the outline, 0 well inside.
    """

    face: NDArray[np.bool_]
    skin: Mask
    moving: Mask
    rim: Mask


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the map's pixels lie on the mesh: three points and their weights for each."""

    filled: NDArray[np.intp]
    points: tuple[NDArray[np.intp], ...]
    weights: tuple[NDArray[np.float32], ...]


@cache
def regions() -> Regions:
    """The map's parts, computed once, read-only."""
    carried = np.stack([sheet().inward, sheet().skin], axis=1)
    drawn = dense_map(_points(), carried, (0, 0, SMALL, SMALL), step=1.0)
    inward = drawn[..., 0]
    face = inward > 0
    moving = np.zeros((SIDE, SIDE), np.uint8)
    for ring, reach in ((LIPS, 13), (RIGHT_EYE, 17), (LEFT_EYE, 17)):
        part = np.zeros_like(moving)
        corners = np.round(layout().points[list(ring), :2]).astype(np.int32)
        cv2.fillPoly(part, [corners], 255)
        moving = np.maximum(moving, cv2.dilate(part, np.ones((reach, reach), np.uint8)))
    soft = cv2.GaussianBlur(moving.astype(np.float32) / 255, (0, 0), 4)
    made = Regions(
        face=face,
        skin=(drawn[..., 1] * face).astype(np.float32),
        moving=np.asarray(cv2.resize(soft, (SMALL, SMALL), interpolation=cv2.INTER_AREA)),
        rim=np.clip(1 - inward / 0.12, 0, 1).astype(np.float32),
    )
    for array in (made.face, made.skin, made.moving, made.rim):
        array.flags.writeable = False
    return made


def on_map(image: RGB, landmarks: Points) -> RGB:
    """(64, 64, 3) uint8 a face's pixels on the map; black beyond the outline.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (478, 3) in pixels.
    """
    known, points = _places(), widen(landmarks)[:, :2]
    at = np.zeros((len(known.filled), 2), np.float32)
    for index, weight in zip(known.points, known.weights, strict=True):
        at += points.take(index, axis=0) * weight
    height, width = image.shape[:2]
    x0, y0 = np.clip(np.floor(at.min(axis=0)) - 1, 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(at.max(axis=0)) + 2, (x0 + 1, y0 + 1), (width, height)).astype(int)
    factor = max(1, int(float(np.linalg.norm(landmarks[10] - landmarks[152])) / _FACE_PX))
    factor = min(factor, x1 - x0, y1 - y0)
    columns, rows = (x1 - x0) // factor, (y1 - y0) // factor
    part: RGB = image[y0 : y0 + rows * factor, x0 : x0 + columns * factor]
    if factor > 1:
        smaller = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
        part = np.asarray(smaller, np.uint8)
    places = np.zeros((2, SMALL * SMALL), np.float32)
    places[:, known.filled] = ((at - (x0, y0) + 0.5) / factor - 0.5).T
    x, y = places.reshape(2, SMALL, SMALL)
    drawn = cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def tones(pixels: RGB) -> Tones:
    """(h, w, 3) float32 brightness and two tones of colour, natural logarithms.

    Args:
        pixels: (h, w, 3) uint8.
    """
    return np.asarray(cv2.transform(cv2.LUT(pixels, _LOGARITHM), _OPPONENT), np.float32)


def cut_off(seen: Tones) -> NDArray[np.bool_]:
    """(h, w, 3) where red, green or blue are as bright as can be, and may really be brighter.

    Args:
        seen: (h, w, 3) from `tones`, as they are.
    """
    return np.asarray(cv2.transform(seen, _CHANNELS) >= _FULL)


def _points() -> Points:
    points = layout().points.copy()
    points[:, :2] = (points[:, :2] + 0.5) * (SMALL / SIDE) - 0.5
    return points


@cache
def _places() -> _Places:
    count = len(layout().points)
    shares = dense_map(_points(), np.eye(count, dtype=np.float32), (0, 0, SMALL, SMALL), step=1.0)
    filled = np.flatnonzero(regions().face)
    flat = shares.reshape(-1, count)[filled]
    index = np.argpartition(-flat, 3, axis=1)[:, :3]
    weight = np.take_along_axis(flat, index, axis=1)
    weight /= weight.sum(axis=1, keepdims=True)
    return _Places(
        filled,
        tuple(np.ascontiguousarray(index[:, k]) for k in range(3)),
        tuple(np.ascontiguousarray(weight[:, k : k + 1]).astype(np.float32) for k in range(3)),
    )
