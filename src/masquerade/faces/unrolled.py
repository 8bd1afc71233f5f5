"""A face's skin unrolled onto one map, the same for every face, pose and expression.

On the map the mouth is open, so that teeth have a place of their own; see
`masquerade.faces.mesh.Topology.uv`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS, topology
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import RGB, Mask, Points

SIDE: Final = 256
SMALL: Final = 64
_SPAN: Final = 228  # pixels of the map for the width of the unrolled face; the rest is its rim
_FACE_PX: Final = 190.0  # height of the face on the map
_FRINGE: Final = 0.42  # how far beyond the lids skin is drawn by the eye's own means, in its widths
_STEP: Final = 2.0


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies where on the map.

    Attributes:
        points: (550, 3) float32 places of the widened mesh in pixels of the map.
        skin: (64, 64) float32, 1 on plain skin, 0 on features and beyond the outline.
        face: (64, 64) float32, 1 within the outline.
        mouth: (256, 256) float32, 1 between the inner lips, soft edge.
        eyes: (256, 256) float32, 1 on the eyes and what is drawn with them, soft edge.
        harmonics: (64, 64, 9) float32 spherical harmonics of the surface's directions.
    """

    points: Points
    skin: Mask
    face: Mask
    mouth: Mask
    eyes: Mask
    harmonics: NDArray[np.float32]


@cache
def layout() -> Layout:
    """The map's parts, computed once, read-only."""
    known = topology()
    places = np.zeros((len(known.uv), 3), np.float32)
    places[:, :2] = known.uv * _SPAN + (SIDE - _SPAN) / 2
    for lids, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        places[list(iris)] = places[list(lids)].mean(axis=0)
    points = widen(places)
    carried = np.column_stack([sheet().skin, sheet().inward, _harmonics()])
    drawn = dense_map(points, carried.astype(np.float32), (0, 0, SIDE, SIDE), step=SIDE / SMALL)
    small = np.asarray(cv2.resize(drawn[..., :2], (SMALL, SMALL), interpolation=cv2.INTER_AREA))
    waves = [
        cv2.resize(drawn[..., 2 + k], (SMALL, SMALL), interpolation=cv2.INTER_AREA)
        for k in range(9)
    ]
    made = Layout(
        points=points,
        skin=(np.clip(small[..., 0], 0, 1) * (small[..., 1] > 0.02)).astype(np.float32),
        face=(small[..., 1] > 0).astype(np.float32),
        mouth=_filled(points, (INNER_LIPS,), 0.0),
        eyes=_filled(points, (RIGHT_EYE, LEFT_EYE), _FRINGE),
        harmonics=np.stack(waves, axis=-1).astype(np.float32),
    )
    for array in (made.points, made.skin, made.face, made.mouth, made.eyes, made.harmonics):
        array.flags.writeable = False
    return made


def unroll(image: RGB, landmarks: Points) -> tuple[RGB, Mask]:
    """(256, 256, 3) uint8 a face's pixels on the map, and (64, 64) how squarely they were seen.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (478, 3) in pixels.
    """
    points = widen(landmarks)
    carried = np.column_stack([points[:, :2], squareness(points)])
    box = (0, 0, SIDE, SIDE)
    drawn = dense_map(layout().points, carried.astype(np.float32), box, step=_STEP)
    x, y = np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])
    pixels = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    height, width = image.shape[:2]
    within = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    seen = np.clip((drawn[..., 2] - 0.15) / 0.45, 0, 1) * within
    small = cv2.resize(seen.astype(np.float32), (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.uint8), np.asarray(small, np.float32)


def squareness(points: Points) -> NDArray[np.float32]:
    """(550,) how squarely the surface faces the camera: 1 straight on, 0 from the side or behind.

    Args:
        points: (550, 3) from `masquerade.faces.warp.widen`.
    """
    triangles = topology().skin
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    sums = np.stack(
        [
            sum(np.bincount(triangles[:, k], normal[:, axis], len(points)) for k in range(3))
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.maximum(np.linalg.norm(sums, axis=1), 1e-6)
    facing = sums[:, 2] / length
    facing *= np.sign(facing[: len(topology().uv)].sum()) or 1.0
    facing[length < 1e-5] = 1.0  # no skin ends there: irises and the rings outside
    return np.asarray(np.clip(facing, 0, 1), np.float32)


def _harmonics() -> NDArray[np.float32]:
    """(550, 9) real spherical harmonics of the neutral face's directions, without constants.

    Ramamoorthi and Hanrahan, "An efficient representation for irradiance environment maps" (2001).
    """
    points = widen(topology().neutral)
    triangles = sheet().triangles
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        np.add.at(total, triangles[:, k], normal)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    x, y, z = total.T
    one = np.ones_like(x)
    waves = [one, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]
    return np.stack(waves, axis=1).astype(np.float32)


def _filled(points: Points, rings: tuple[tuple[int, ...], ...], grown: float) -> Mask:
    """(256, 256) 1 within the rings, grown by a share of their width, with a soft edge."""
    filled = np.zeros((SIDE, SIDE), np.uint8)
    soft = 1.5
    for ring in rings:
        places = points[list(ring), :2]
        drawn = np.zeros((SIDE, SIDE), np.uint8)
        cv2.fillPoly(drawn, [np.round(places * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        if grown:
            reach = round(grown * float(np.ptp(places[:, 0])))
            around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
            drawn = np.asarray(cv2.dilate(drawn, around), np.uint8)
            soft = reach / 3
        filled = np.maximum(filled, drawn)
    blurred = cv2.GaussianBlur(filled.astype(np.float32) / 255, (0, 0), soft)
    return np.asarray(blurred, np.float32)
