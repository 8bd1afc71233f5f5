"""Dense maps between two meshes: for every pixel of one face, where it lies in another picture.

The face's surface is closed with eyeballs and widened by two rings around its outline, so that a
map is smooth across the outline and a blend has pixels to fade into. Triangles are painted from
back to front, all at once, at a fraction of the frame's resolution; the map is smooth, so it is
enlarged afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import (
    COUNT,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    SURFACE,
    topology,
)
from masquerade.types import PixelBox, Points

_RINGS: Final = (1.13, 1.4)
_BEHIND: Final = 1e6
_SLACK: Final = 1e-3  # pixels by which triangles overlap, so that no gap is left
_NOSTRILS: Final = (
    2, 97, 326, 98, 327, 60, 290, 20, 250, 238, 458, 242, 462, 141, 370, 94, 99, 328, 240, 460,
    75, 305,
)  # fmt: skip
_NEAR_FEATURE: Final = 0.075
_FOREHEAD: Final = 2.0  # times as widely a face is faded at the top of its forehead


@dataclass(frozen=True, slots=True)
class Sheet:
    """The widened surface in general: how its 550 points hang together and what they carry.

    Attributes:
        triangles: (T, 3) int32 into the points of `widen`.
        outside: (T,) bool, True for triangles beyond the outline: they lie behind the face.
        inward: (550,) float32 distance to the outline in interocular distances on the neutral
            face, negative beyond it.
        edge: (550,) float32 the same, less on the forehead, where a face ends in skin and not in a
            contour: a drawn face is faded more widely there.
        skin: (550,) float32, 1 on plain skin, 0 on brows, eyes, nostrils, lips and beyond.
    """

    triangles: NDArray[np.int32]
    outside: NDArray[np.bool_]
    inward: NDArray[np.float32]
    edge: NDArray[np.float32]
    skin: NDArray[np.float32]


@cache
def sheet() -> Sheet:
    """The widened surface's triangles and what its points carry, computed once, read-only."""
    n = len(OVAL)
    rims = [np.array(OVAL, np.int32)]
    rims += [COUNT + k * n + np.arange(n, dtype=np.int32) for k in range(len(_RINGS))]
    strips = [_strip(inner, outer) for inner, outer in pairwise(rims)]
    eyes = [_fan(RIGHT_EYE, RIGHT_IRIS[0]), _fan(LEFT_EYE, LEFT_IRIS[0])]
    parts: list[NDArray[np.int32]] = [topology().skin, topology().mouth, *eyes, *strips]
    triangles = np.concatenate(parts)
    outside = np.zeros(len(triangles), np.bool_)
    outside[-sum(map(len, strips)) :] = True
    inward = _inward()
    made = Sheet(triangles, outside, inward, inward / _fades(), _skin())
    for array in (made.triangles, made.outside, made.inward, made.edge, made.skin):
        array.flags.writeable = False
    return made


def widen(landmarks: Points) -> Points:
    """(550, 3) the mesh with two rings around its outline and each iris inside its lids.

    Args:
        landmarks: (478, 3) in pixels.
    """
    points = landmarks.copy()
    for lids, iris in ((RIGHT_EYE, RIGHT_IRIS[0]), (LEFT_EYE, LEFT_IRIS[0])):
        points[iris] = _between(landmarks[list(lids)], landmarks[iris])
    rim = landmarks[list(OVAL)]
    middle = rim.mean(axis=0)
    rings = []
    for factor in _RINGS:
        ring = middle + (rim - middle) * factor
        ring[:, 2] = rim[:, 2]
        rings.append(ring)
    return np.concatenate([points, *rings]).astype(np.float32)


def dense_map(
    points: Points, carried: NDArray[np.float32], box: PixelBox, *, step: float = 2.0
) -> NDArray[np.float32]:
    """(h, w, K) float32: what every pixel of a box gets from the mesh drawn over it.

    Args:
        points: (550, 3) from `widen`, in frame pixels.
        carried: (550, K) values at those points, such as coordinates in another picture.
        box: The part of the frame to fill.
        step: Pixels of the frame for each pixel that is painted.
    """
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    small_w, small_h = max(2, round(width / step)), max(2, round(height / step))
    scale = np.array([small_w / width, small_h / height], np.float32)
    flat = (points[:, :2] - np.array([x0, y0], np.float32) + 0.5) * scale - 0.5
    painted = paint(flat.astype(np.float32), points[:, 2], carried, (small_h, small_w))
    if (small_w, small_h) == (width, height):
        return painted
    enlarged = cv2.resize(painted, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.float32).reshape(height, width, -1)


def paint(
    flat: NDArray[np.float32],
    depth: NDArray[np.float32],
    carried: NDArray[np.float32],
    shape_hw: tuple[int, int],
) -> NDArray[np.float32]:
    """(H, W, K) float32: the sheet's values painted from back to front, 0 where it is not.

    All triangles are painted together: each is cut into runs of pixels, the runs are written in
    the triangles' order, and what is written last stays.

    Args:
        flat: (550, 2) places in pixels of the result.
        depth: (550,) growing away from the camera.
        carried: (550, K) values at the points.
        shape_hw: Size of the result.
    """
    height, width = shape_hw
    shape = sheet()
    far = depth[shape.triangles].mean(axis=1) + np.where(shape.outside, _BEHIND, 0)
    triangles = shape.triangles[np.argsort(-far, kind="stable")]
    planes, proper = _weight_planes(flat[triangles])
    owner, start, length = _runs(flat[triangles], planes, proper, shape_hw)
    total = np.cumsum(length)
    pixel = np.arange(total[-1] if len(total) else 0) + np.repeat(start - (total - length), length)
    winner = np.full(height * width, -1, np.int32)
    winner[pixel] = np.repeat(owner, length)
    filled = np.flatnonzero(winner >= 0)
    one = winner[filled]
    y, x = np.divmod(filled.astype(np.int32), np.int32(width))
    slopes = np.einsum("tkc,tki->tic", carried[triangles], planes).astype(np.float32)  # (T, 3, K)
    out = np.zeros((height * width, carried.shape[1]), np.float32)
    across, down, base = (np.take(slopes[:, i], one, axis=0) for i in range(3))
    across *= x[:, None].astype(np.float32)
    down *= y[:, None].astype(np.float32)
    out[filled] = across + down + base
    return out.reshape(height, width, -1)


def _weight_planes(
    corners: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(T, 3, 3) each corner's weight as a plane (x, y, 1) -> weight; which triangles have area.

    Args:
        corners: (T, 3, 2).
    """
    places = corners.astype(np.float64)
    after, last = np.roll(places, -1, axis=1), np.roll(places, -2, axis=1)
    across = after[..., 1] - last[..., 1]
    down = last[..., 0] - after[..., 0]
    area = across[:, 0] * (places[:, 0, 0] - last[:, 0, 0])
    area += down[:, 0] * (places[:, 0, 1] - last[:, 0, 1])
    proper = np.abs(area) > 1e-9
    planes = np.stack([across, down, -across * last[..., 0] - down * last[..., 1]], axis=-1)
    return planes / np.where(proper, area, 1.0)[:, None, None], proper


def _runs(
    corners: NDArray[np.float32],
    planes: NDArray[np.float64],
    proper: NDArray[np.bool_],
    shape_hw: tuple[int, int],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Triangles as runs of pixels: each run's triangle, first pixel and length, in order."""
    height, width = shape_hw
    top = np.maximum(np.ceil(_over(np.minimum, corners[..., 1]) - _SLACK), 0).astype(np.int64)
    bottom = np.floor(_over(np.maximum, corners[..., 1]) + _SLACK)
    bottom = np.minimum(bottom, height - 1).astype(np.int64)
    rows = np.maximum(bottom - top + 1, 0) * proper
    owner = np.repeat(np.arange(len(corners), dtype=np.int32), rows)
    y = np.arange(len(owner)) - np.repeat(np.cumsum(rows) - rows, rows) + top[owner]
    plane = planes[owner]  # (R, 3, 3)
    slope = plane[..., 0]
    level = plane[..., 1] * y[:, None] + plane[..., 2] + _SLACK
    edge = -level / np.where(slope == 0, 1.0, slope)
    left = _over(np.maximum, np.where(slope > 0, edge, -np.inf))
    right = _over(np.minimum, np.where(slope < 0, edge, np.inf))
    shut = _over(np.logical_or, (slope == 0) & (level < 0))
    first = np.maximum(np.ceil(np.clip(left, -1, width)), 0).astype(np.int64)
    last = np.minimum(np.floor(np.clip(right, -1, width)), width - 1).astype(np.int64)
    length = np.where(shut, 0, np.maximum(last - first + 1, 0))
    return owner, y * width + first, length


def _over(how: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """(n,) the three columns joined; a reduction along so short an axis takes five times as long.

    Args:
        how: Such as `np.maximum`.
        values: (n, 3).
    """
    return np.asarray(how(how(values[:, 0], values[:, 1]), values[:, 2]))


def _strip(inner: NDArray[np.int32], outer: NDArray[np.int32]) -> NDArray[np.int32]:
    """Triangles between two rings of equal length."""
    inner_next, outer_next = np.roll(inner, -1), np.roll(outer, -1)
    return np.concatenate(
        [
            np.stack([inner, inner_next, outer], axis=1),
            np.stack([inner_next, outer_next, outer], axis=1),
        ]
    )


def _fan(ring: tuple[int, ...], centre: int) -> NDArray[np.int32]:
    """Triangles from each edge of a ring to a point inside it."""
    ends = np.array(ring, np.int32)
    return np.stack([ends, np.roll(ends, -1), np.full_like(ends, centre)], axis=1)


def _between(lids: Points, iris: NDArray[np.float32]) -> NDArray[np.float32]:
    """The iris's centre, drawn towards the middle of the eye until it lies between the lids."""
    middle = lids.mean(axis=0)
    ring = np.ascontiguousarray(lids[:, :2])
    for share in (1.0, 0.75, 0.5, 0.25):
        place = middle + (iris - middle) * share
        if cv2.pointPolygonTest(ring, (float(place[0]), float(place[1])), False) > 0:
            return np.asarray(place, np.float32)
    return np.asarray(middle, np.float32)


def _inward() -> NDArray[np.float32]:
    neutral = topology().neutral
    rim = np.ascontiguousarray(neutral[list(OVAL), :2])
    inside = [
        max(0.0, cv2.pointPolygonTest(rim, (float(x), float(y)), True))
        for x, y in neutral[:SURFACE, :2]
    ]
    spread = float(np.linalg.norm(rim - rim.mean(axis=0), axis=1).mean())
    rings = [np.full(len(OVAL), -(factor - 1) * spread) for factor in _RINGS]
    irises = np.full(COUNT - SURFACE, 1.0)
    return np.concatenate([inside, irises, *rings]).astype(np.float32)


def _fades() -> NDArray[np.float32]:
    """(550,) times as widely as elsewhere a face fades into its forehead; 1 from the brows down."""
    neutral = topology().neutral
    brows = float(neutral[[*RIGHT_BROW, *LEFT_BROW], 1].min())
    top = float(neutral[OVAL[0], 1])
    up = np.clip((neutral[:SURFACE, 1] - brows) / (top - brows), 0, 1)
    made = np.ones(COUNT + 2 * len(OVAL), np.float32)
    made[:SURFACE] = 1 + (_FOREHEAD - 1) * up * up * (3 - 2 * up)
    return made


def _skin() -> NDArray[np.float32]:
    neutral = topology().neutral[:SURFACE, :2]
    eyes = [*RIGHT_EYE, *LEFT_EYE, *RIGHT_BROW, *LEFT_BROW]
    apart = np.linalg.norm(neutral[:, None] - neutral[eyes], axis=-1).min(axis=1)
    skin = np.zeros(COUNT + 2 * len(OVAL), np.float32)
    lips = np.ascontiguousarray(neutral[list(LIPS)])
    within = [cv2.pointPolygonTest(lips, (float(x), float(y)), False) >= 0 for x, y in neutral]
    skin[:SURFACE] = (apart > _NEAR_FEATURE) & ~np.array(within)
    skin[[*LIPS, *INNER_LIPS, *_NOSTRILS]] = 0
    return skin
