"""A frame's lower face with another mouth: jaw and cheeks moved, lips and teeth painted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import COUNT, OVAL, SURFACE
from masquerade.faces.mouth.shape import moving
from masquerade.faces.mouth.unrolled import laid_flat, mouth_layout
from masquerade.faces.pose import HeadFit
from masquerade.faces.warp import dense_map
from masquerade.types import RGB, Mask, PixelBox, Points

_BESIDE: Final = 0.55  # of the jaw's movement, that the first ring outside of it goes along
_MARGIN_PX: Final = 2
_PAINT_PX: Final = 130.0  # a face is painted at no more than this


@dataclass(frozen=True, slots=True)
class LowerFace:
    """A redrawn part of a frame.

    Attributes:
        pixels: (h, w, 3) uint8.
        mask: (h, w) float32, 1 where it replaces the frame.
        box: Where it lies.
    """

    pixels: RGB
    mask: Mask
    box: PixelBox


def moved_by(points: Points, change: Points, head: HeadFit) -> Points:
    """(550, 3) the widened mesh with its lower face moved; the outermost ring stays.

    Args:
        points: (550, 3) from `masquerade.faces.warp.widen`.
        change: (k, 3) how far the moving points go, on the neutral face.
        head: How that lies in the frame.
    """
    index, share = moving()
    moves = np.zeros_like(points)
    moves[index] = (change * share[:, None]) @ (head.turn.T * head.scale)
    rim = moves[list(OVAL)]
    moves[COUNT : COUNT + len(OVAL)] = _BESIDE * rim
    return points + moves


def redraw(
    frame: RGB,
    before: Points,
    after: Points,
    texture: NDArray[np.float32],
    face_px: float,
    *,
    source_px: float = 0.0,
) -> LowerFace | None:
    """The lower face of a frame where its mesh goes elsewhere; None outside of the frame.

    Args:
        frame: (H, W, 3) uint8.
        before: (550, 3) the widened mesh as it is.
        after: (550, 3) as it is to be.
        texture: (144, 160, 3) float32 the new mouth on the map, in [0, 255].
        face_px: Height of the face.
        source_px: Height of the face that the texture was taken from; 0 where it is no larger.
    """
    before, after = laid_flat(before), laid_flat(after)
    box = _box(before, after, frame)
    if box[2] - box[0] < 8 or box[3] - box[1] < 8:
        return None
    carried = np.concatenate([mouth_layout().points[:, :2], before[:, :2], _changed()], axis=1)
    drawn = dense_map(after, carried, box, step=max(1.0, face_px / _PAINT_PX))
    map_x, map_y, x, y, changed = (np.ascontiguousarray(drawn[..., k]) for k in range(5))
    warped = cv2.remap(frame, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    painted = np.dstack([texture, mouth_layout().mouth[..., None] * 255]).astype(np.float32)
    wide_px = float(np.ptp(after[list(OVAL), 0]))
    coarser = source_px / max(face_px, 1.0)
    laid = cv2.remap(_softened(painted, wide_px, coarser), map_x, map_y, cv2.INTER_CUBIC)
    share = np.clip(laid[..., 3:] / 255, 0, 1) * (changed[..., None] > 0)
    mixed = warped + share * (laid[..., :3] - warped)
    mask = np.clip(changed * 2.5, 0, 1)
    return LowerFace(
        np.clip(np.rint(mixed), 0, 255).astype(np.uint8),
        np.asarray(mask * mask * (3 - 2 * mask), np.float32),
        box,
    )


def _softened(
    texture: NDArray[np.float32], face_wide_px: float, coarser: float
) -> NDArray[np.float32]:
    """The map without what a face smaller than the footage's cannot show: nothing aliases."""
    if coarser <= 1.1:
        return texture
    map_px = float(np.ptp(mouth_layout().points[list(OVAL), 0])) / max(face_wide_px, 1.0)
    sigma = 0.45 * map_px * float(np.sqrt(1 - 1 / coarser**2))
    return np.asarray(cv2.GaussianBlur(texture, (0, 0), sigma), np.float32)


@cache
def _changed() -> NDArray[np.float32]:
    """(550, 1) how much of each point's surroundings is redrawn."""
    index, share = moving()
    made = np.zeros(len(mouth_layout().points), np.float32)
    made[index] = share
    made[COUNT : COUNT + len(OVAL)] = made[list(OVAL)]
    return made[:, None]


def _box(before: Points, after: Points, frame: RGB) -> PixelBox:
    """The part of a frame that holds all that changes, within the frame."""
    index, _ = moving()
    rings = np.arange(COUNT, len(before))
    lowest = before[:SURFACE][index, 1].min()
    places = np.concatenate([before[index], after[index], before[rings]])[:, :2]
    places = places[places[:, 1] >= lowest - 1]
    low = np.maximum(np.floor(places.min(axis=0)) - _MARGIN_PX, 0).astype(int)
    high = np.minimum(np.ceil(places.max(axis=0)) + _MARGIN_PX, frame.shape[1::-1]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
