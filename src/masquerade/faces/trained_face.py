"""A face as a trained network takes it and gives it back: unrolled, so that none is spent on shape.

The map is that of `masquerade.faces.unrolled`, at the network's own size. Pose and proportions are
the mesh's part; on the map every feature lies where it always does. In equal time on 64 pixels that
draws a sharper and more like face than a network that sees upright crops (docs/training.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.magnified import magnified
from masquerade.faces.mesh import LEFT_EYE, LIPS, RIGHT_EYE, topology
from masquerade.faces.staging import height_px
from masquerade.faces.unrolled import SIDE, layout, squareness
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import RGB, Mask, PixelBox, Points

FACE_CHANNELS: Final = 5
"""Red, green, blue, mask, and how much of it is eyes and mouth."""
_PAINT_PX: Final = 130.0  # a face is painted at no more than this
_PAINTED: Final = 128  # pixels of a map that are painted at most; the rest is interpolated
_SIDEWAYS: Final = (0.1, 0.35)  # how squarely skin must be seen to count, and to count in full
_RIM: Final = 0.06  # interocular distances inside the outline over which the mask begins
_SUBPIXEL: Final = 4
_FINENESS: Final = 1.2  # of the picture that is cut, against the map where it is finest


@dataclass(frozen=True, slots=True)
class Laid:
    """A map laid over a mesh.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        mask: (h, w) float32 in [0, 1], the map's own.
        inward: (h, w) float32 distance to the outline, in interocular distances.
        skin: (h, w) float32, 1 on plain skin.
    """

    pixels: RGB
    mask: Mask
    inward: NDArray[np.float32]
    skin: Mask


def cut(pixels: RGB, landmarks: Points, side: int, *, mask: Mask | None = None) -> RGB:
    """(side, side, 5) uint8 a face on the map; see `FACE_CHANNELS`.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        landmarks: (478, 3) in its pixels.
        side: Width and height of the map in pixels.
        mask: (H, W) in [0, 1], 1 where the face shows and nothing covers it.
    """
    pixels, landmarks, mask = _no_larger(pixels, landmarks, mask, side)
    points = widen(landmarks)
    carried = np.column_stack([points[:, :2], squareness(points), sheet().inward])
    step = max(1.0, side / _PAINTED)
    drawn = dense_map(_points(side), carried.astype(np.float32), (0, 0, side, side), step=step)
    x, y = np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])
    edge = cv2.BORDER_REPLICATE
    found = np.empty((side, side, FACE_CHANNELS), np.uint8)
    found[..., :3] = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=edge)
    height, width = pixels.shape[:2]
    low, high = _SIDEWAYS
    seen = np.clip((drawn[..., 2] - low) / (high - low), 0, 1) * np.clip(drawn[..., 3] / _RIM, 0, 1)
    seen *= (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    if mask is not None:
        seen *= cv2.remap(mask, x, y, cv2.INTER_LINEAR, borderMode=edge)
    found[..., 3] = np.rint(255 * seen)
    found[..., 4] = _features(side)
    return found


def looked_at(pixels: RGB, landmarks: Points, side: int, finer: int) -> RGB:
    """(side, side, 3) uint8 a face on the map as a network is given it.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        landmarks: (478, 3) in its pixels.
        side: Width and height of what the network looks at, in pixels.
        finer: Pixels that it draws for each of those: cut as fine and averaged, as in training.
    """
    found = np.ascontiguousarray(cut(pixels, landmarks, side * finer)[..., :3])
    if finer > 1:
        found = np.asarray(cv2.resize(found, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    return found


def lay(
    picture: RGB,
    mask: Mask | None,
    shown: Points,
    box: PixelBox,
    face_px: float,
    *,
    even: bool = False,
) -> Laid:
    """A map laid over a mesh.

    Args:
        picture: (side, side, 3) uint8 RGB, the map.
        mask: (side, side) float32 in [0, 1]; None: 1 everywhere.
        shown: (478, 3) the mesh, in frame pixels.
        box: The part of the frame to fill.
        face_px: Height of the face, which says how finely it is painted.
        even: The map is that of `masquerade.faces.unrolled`, with nothing magnified.
    """
    side = len(picture)
    whole = np.full((side, side), 255, np.uint8)
    alpha = whole if mask is None else np.rint(255 * mask).astype(np.uint8)
    texture = np.dstack([picture, alpha])
    shrink = int(map_px(side) / max(face_px, 1.0))
    if shrink >= 2:  # plain sampling would skip pixels
        small = (side // shrink, side // shrink)
        texture = np.asarray(cv2.resize(texture, small, interpolation=cv2.INTER_AREA), np.uint8)
    places = _points(len(texture), even=even)[:, :2]
    carried = np.column_stack([places, sheet().inward, sheet().skin]).astype(np.float32)
    drawn = dense_map(widen(shown), carried, box, step=max(1.0, face_px / _PAINT_PX))
    x, y = np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])
    how = cv2.INTER_CUBIC if map_px(len(texture)) < face_px else cv2.INTER_LINEAR
    looked = cv2.remap(texture, x, y, how, borderMode=cv2.BORDER_REPLICATE)
    return Laid(
        pixels=np.asarray(cv2.cvtColor(looked, cv2.COLOR_RGBA2RGB), np.uint8),
        mask=looked[..., 3] * np.float32(1 / 255),
        inward=drawn[..., 2],
        skin=np.clip(drawn[..., 3], 0, 1),
    )


def map_px(side: int) -> float:
    """Height of a face whose eyes are as wide as on a map of that size, in pixels.

    Eyes and mouth are larger on the map than the rest.

    Example:
        >>> 60 < map_px(64) < 90
        True
    """
    return _height_in_eyes() * side / SIDE


@cache
def _height_in_eyes() -> float:
    """Height of a neutral face, in pixels of a map of 256 on which its eyes would be so wide."""
    neutral, shown = topology().neutral, _points(SIDE)
    corners = [(ring[0], ring[len(ring) // 2]) for ring in (RIGHT_EYE, LEFT_EYE)]
    wide, wide_shown = (
        sum(float(np.linalg.norm(points[a] - points[b])) for a, b in corners)
        for points in (neutral, shown)
    )
    return height_px(neutral) * wide_shown / wide


@cache
def _points(side: int, *, even: bool = False) -> Points:
    """(550, 3) places of the widened mesh on a map of that size, read-only."""
    points = layout().points.copy() if even else magnified(layout().points)
    points[:, :2] = (points[:, :2] + 0.5) * np.float32(side / SIDE) - 0.5
    points.flags.writeable = False
    return points


@cache
def _features(side: int) -> RGB:
    """(side, side) uint8, 255 on eyes and mouth."""
    drawn = np.zeros((side, side), np.uint8)
    for ring in (LIPS, RIGHT_EYE, LEFT_EYE):
        hull = cv2.convexHull(np.round(_points(side)[list(ring), :2] * (1 << _SUBPIXEL)))
        cv2.fillConvexPoly(drawn, hull.astype(np.int32), 255, cv2.LINE_AA, _SUBPIXEL)
    reach = max(1, side // 32)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(drawn, around), np.uint8)


def _no_larger(
    pixels: RGB, landmarks: Points, mask: Mask | None, side: int
) -> tuple[RGB, Points, Mask | None]:
    """A picture whose face is hardly larger than on the map where that is finest, averaged."""
    factor = _FINENESS * map_px(side) / max(height_px(landmarks), 1.0)
    if factor >= 1:
        return pixels, landmarks, mask
    height, width = pixels.shape[:2]
    size_wh = (max(2, round(width * factor)), max(2, round(height * factor)))
    scale = np.array([size_wh[0] / width, size_wh[1] / height], np.float32)
    moved = landmarks.copy()
    moved[:, :2] = (landmarks[:, :2] + 0.5) * scale - 0.5
    moved[:, 2] *= scale.mean()
    small = np.asarray(cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    if mask is not None:
        shrunk = cv2.resize(mask, size_wh, interpolation=cv2.INTER_AREA)
        return small, moved, np.asarray(shrunk, np.float32)
    return small, moved, None
