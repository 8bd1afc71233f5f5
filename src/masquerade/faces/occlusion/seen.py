"""Which pixels of a face are seen, and which lie behind a hand, a cup, a microphone, hair.

A shot teaches what the person's bare face looks like (`masquerade.faces.occlusion.bare_model`); in
each frame, what differs from it, coherently and not by light alone, lies in front. It is found on
the face's small map and its edge is then drawn in the frame, by colours and along the edges there.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.occlusion.agree import LEAST_SURE, SURE, agreed_with_colours, anything, bins
from masquerade.faces.occlusion.bare_model import BareFace, apart
from masquerade.faces.small_map import on_map, tones
from masquerade.faces.unrolled import SIDE, SMALL, layout
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Face, Mask, PixelBox

_LEAST: Final = 12  # pixels of the map an occluder covers at least
_WORK_PX: Final = 150.0  # a face's edges are drawn at no more than this height
_FINE: Final = 0.02  # reach of the edges' filter as a share of the face's height
_EDGE: Final = 0.04  # step in brightness (logarithm) that is kept as an edge


def visible(image: RGB, face: Face, bare: BareFace, box: PixelBox) -> Mask | None:
    """(h, w) float32 in [0, 1], 1 where the face lies bare; None where nothing is in front of it.

    Args:
        image: (H, W, 3) uint8 the frame.
        face: The face in it.
        bare: What it looks like bare.
        box: The part of the frame that is asked for.
    """
    seen = tones(on_map(image, face.landmarks))
    distance = apart(bare, seen)
    if not anything(distance):
        return None
    found, colours = agreed_with_colours(distance, seen)
    found = _cleaned(found, distance)
    if colours is None or not found.any():
        return None
    return np.asarray(1 - _drawn(image, face, found, colours, box), np.float32)


def _cleaned(found: Mask, distance: Mask) -> Mask:
    """The same without parts that are too small or nowhere clearly another thing."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats((found > 0.5).astype(np.uint8))
    keep = np.zeros(count, np.float32)
    for part in range(1, count):
        sure = np.count_nonzero(distance[parts == part] > SURE)
        keep[part] = stats[part, cv2.CC_STAT_AREA] >= _LEAST and sure >= LEAST_SURE
    near = cv2.dilate(keep[parts], np.ones((3, 3), np.uint8))
    return np.asarray(found * near, np.float32)


def _drawn(
    image: RGB, face: Face, found: Mask, colours: NDArray[np.float32], box: PixelBox
) -> Mask:
    """(h, w) what lies in front, in pixels of the frame."""
    x0, y0, x1, y1 = box
    face_px = float(np.linalg.norm(face.landmarks[10] - face.landmarks[152]))
    step = max(1.0, face_px / _WORK_PX)
    size = (max(2, round((x1 - x0) / step)), max(2, round((y1 - y0) / step)))
    x, y = _map_places(face, box, size)
    around = cv2.remap(found, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    part = cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    seen = tones(np.asarray(part, np.uint8))
    likely = np.clip(np.asarray(around, np.float32), 0.02, 0.98)
    odds = np.log(likely / (1 - likely))
    band = np.clip(4 * cv2.GaussianBlur(around, (0, 0), 0.02 * face_px / step), 0, 1)
    odds += colours.ravel()[bins(seen)] * band
    reach = max(1, round(_FINE * face_px / step))
    soft = _guided(np.asarray(1 / (1 + np.exp(-odds)), np.float32), seen[..., 0], reach)
    sharp = np.clip((soft - 0.5) * 2.0 + 0.5, 0, 1).astype(np.float32)
    wide = cv2.resize(sharp, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32)


def _map_places(
    face: Face, box: PixelBox, size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(h, w) twice: where on the small map each pixel of a reduced box lies."""
    x0, y0, x1, y1 = box
    points = widen(face.landmarks)
    scale = np.array([size[0] / (x1 - x0), size[1] / (y1 - y0)], np.float32)
    points[:, :2] = (points[:, :2] - (x0, y0) + 0.5) * scale - 0.5
    carried = (layout().points[:, :2] + 0.5) * np.float32(SMALL / SIDE) - np.float32(0.5)
    drawn = dense_map(points, carried, (0, 0, *size), step=3.0)
    return np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])


def _guided(mask: NDArray[np.float32], guide: NDArray[np.float32], reach: int) -> Mask:
    """(h, w) the mask, its edges at those of the guide (He et al., "Guided image filtering")."""
    size = (2 * reach + 1, 2 * reach + 1)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, size), np.float32)

    middle, level = mean(guide), mean(mask)
    slope = (mean(guide * mask) - middle * level) / (mean(guide * guide) - middle**2 + _EDGE**2)
    offset = level - slope * middle
    return np.asarray(mean(slope) * guide + mean(offset), np.float32)
