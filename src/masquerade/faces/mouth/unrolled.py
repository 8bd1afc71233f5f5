"""The lower face unrolled onto a map of its own, the mouth wide open: lips lie on lips.

What is painted on the map can be laid over any mesh, whatever its lips do. Teeth have a place of
their own, as on `masquerade.faces.unrolled`, which shows the whole face at a coarser scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, LIPS, SURFACE, topology
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Mask, Points

WIDTH: Final = 160
HEIGHT: Final = 144
UNIT_PX: Final = 108.0
"""Pixels of the map for an interocular distance."""
_TOP: Final = 0.80  # down the neutral face, where the map begins
_MOUTH: Final = 1.12  # likewise, the line between the lips
_DROP: Final = 0.30  # by which jaw and lower lip are lowered on the map
_GROWN: Final = 0.16  # beyond the lips that a mouth's own pixels reach, in interocular distances
_FEATHER: Final = 0.13  # over which they fade
_FOREHEAD: Final = 10
_CHIN: Final = 152
_UPPER: Final = np.array(
    [
        (191, 80, 81, 82, 13, 312, 311, 310, 415),
        (183, 42, 41, 38, 12, 268, 271, 272, 407),
        (184, 74, 73, 72, 11, 302, 303, 304, 408),
        (185, 40, 39, 37, 0, 267, 269, 270, 409),
    ]
)
"""Points of the upper lip from the slit outwards, from the person's right to their left."""
_LOWER: Final = np.array(
    [
        (95, 88, 178, 87, 14, 317, 402, 318, 324),
        (96, 89, 179, 86, 15, 316, 403, 319, 325),
        (77, 90, 180, 85, 16, 315, 404, 320, 307),
        (146, 91, 181, 84, 17, 314, 405, 321, 375),
    ]
)
_CORNERS: Final = (0.75, 0.95)  # from the middle to the inner corners: where a mouth's own fades
_STEP: Final = 2  # pixels of the map for each that is painted


@dataclass(frozen=True, slots=True)
class MouthLayout:
    """What lies where on the map.

    Attributes:
        points: (550, 3) float32 places of the widened mesh in pixels of the map.
        mouth: (144, 160) float32, 1 on the lips and within, fading on the skin around.
        inside: (144, 160) float32, 1 between the inner lips, soft edge.
        lips: (144, 160) float32, 1 on the lips and within.
        ring: (144, 160) bool, the skin around the lips, by which light is compared.
    """

    points: Points
    mouth: Mask
    inside: Mask
    lips: Mask
    ring: NDArray[np.bool_]


@cache
def mouth_layout() -> MouthLayout:
    """The map's parts, computed once, read-only."""
    places = topology().neutral.copy()
    below = _lowered(places)
    places[:SURFACE, 1] += _DROP * below
    places[:, 0] = places[:, 0] * UNIT_PX + (WIDTH - 1) / 2
    places[:, 1] = (places[:, 1] - _TOP) * UNIT_PX
    places[:, 2] *= UNIT_PX
    points = laid_flat(widen(places))
    outer, inner = _filled(points, LIPS), _filled(points, INNER_LIPS)
    reach = round(_GROWN * UNIT_PX)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    grown = cv2.dilate(outer, kernel)
    soft = cv2.GaussianBlur(grown, (0, 0), _FEATHER * UNIT_PX / 2)
    mouth = np.clip(soft * 2 - 1, 0, 1) * _between_corners(points)
    near = cv2.dilate(outer, np.ones((5, 5), np.uint8)) > 0
    made = MouthLayout(
        points,
        mouth.astype(np.float32),
        np.asarray(cv2.GaussianBlur(inner, (0, 0), 1.5), np.float32),
        outer,
        (grown > 0) & ~near,
    )
    for array in (made.points, made.mouth, made.inside, made.lips, made.ring):
        array.flags.writeable = False
    return made


def laid_flat(points: Points) -> Points:
    """The mesh with lips that do not curl inwards: no ring is nearer the slit than the one within.

    Where they curl, triangles lie over others and turned over, and what is drawn by them is picked
    from the skin above the lip.

    Args:
        points: (468 or more, 3) in pixels.
    """
    made = points.copy()
    down = points[_CHIN, :2] - points[_FOREHEAD, :2]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    for rings, side in ((_UPPER, 1), (_LOWER, -1)):
        for inner, ring in pairwise(rings):
            beyond = (made[ring, :2] - made[inner, :2]) @ down * side
            made[ring, :2] -= np.maximum(beyond, 0)[:, None] * down * side
    return made


def unroll_mouth(image: RGB, landmarks: Points) -> RGB:
    """(144, 160, 3) uint8 the lower face on the map.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (478, 3) in pixels.
    """
    corners, shares = _shares()
    places = laid_flat(widen(landmarks))[corners, :2]  # (n, 3, 2)
    small = (places * shares[..., None]).sum(axis=1, dtype=np.float32)
    small = small.reshape(HEIGHT // _STEP, WIDTH // _STEP, 2)
    drawn = np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR))
    x, y = np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])
    pixels = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pixels, np.uint8)


@cache
def _shares() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """(n, 3) the points around each pixel of the small map, and (n, 3) the share of each."""
    one_each = np.eye(len(mouth_layout().points), dtype=np.float32)
    box = (0, 0, WIDTH // _STEP, HEIGHT // _STEP)
    points = mouth_layout().points.copy()
    points[:, :2] = (points[:, :2] + 0.5) / _STEP - 0.5
    drawn = dense_map(points, one_each, box, step=1.0).reshape(-1, len(points))
    corners = np.argsort(-drawn, axis=1, kind="stable")[:, :3]
    shares = np.take_along_axis(drawn, corners, axis=1)
    return corners, shares / np.maximum(shares.sum(axis=1, keepdims=True), np.float32(1e-6))


def _lowered(places: Points) -> NDArray[np.float32]:
    """(468,) in [0, 1] how far each point of the neutral face is lowered to open its mouth."""
    down, across = places[:SURFACE, 1], np.abs(places[:SURFACE, 0])
    upper = list({*LIPS[:11], *INNER_LIPS[:11]})
    lower = np.array(INNER_LIPS[11:])
    round_off = np.sqrt(np.maximum(0, 1 - (across / across[61]) ** 2))
    below = np.maximum(np.clip((down - _MOUTH) / 0.12, 0, 1), round_off * (down > _MOUTH))
    below[upper] = 0.0
    below[lower] = np.sqrt(np.maximum(0, 1 - (across[lower] / across[78]) ** 2))
    return np.asarray(below, np.float32)


def _between_corners(points: Points) -> NDArray[np.float32]:
    """(160,) across the map: 1 in the middle of the mouth, 0 from its inner corners outwards.

    There all rings of the lips meet in a point, which shows as a speck where it is drawn wider; the
    frame's own corners, moved, do not.
    """
    left, right = (float(points[INNER_LIPS[place], 0]) for place in (0, 10))
    away = np.abs(np.arange(WIDTH) - (left + right) / 2) / (abs(right - left) / 2)
    low, high = _CORNERS
    return np.asarray(np.clip((high - away) / (high - low), 0, 1), np.float32)


def _filled(points: Points, ring: tuple[int, ...]) -> Mask:
    """(144, 160) 1 within a ring of points."""
    filled = np.zeros((HEIGHT, WIDTH), np.float32)
    fixed = np.round(points[list(ring), :2] * 16).astype(np.int32)
    cv2.fillPoly(filled, [fixed], 1.0, cv2.LINE_AA, 4)
    return filled
