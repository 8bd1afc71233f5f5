"""Spectacles that people of the target wear: their frame stays in front of new faces.

Whether somebody wears them is asked of the whole shot, so that one frame in which a shadow looks
like a rim does not count. Where the frame lies is found in each picture anew and held steady on an
upright map of the eyes, with which it moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.glasses import glasses_of
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of
from masquerade.faces.mesh import interocular_px
from masquerade.types import Face, Frame, Mask, PixelBox

_ROOM: Final = 0.2  # around a face's box, in its sizes: temple pieces end there
_LEAST_PX: Final = 24.0  # interocular distance below which rims are thinner than a pixel
_MOSTLY: Final = 0.5  # of the looks at a face that must show spectacles
_MAP_UNIT: Final = 160.0  # distance of the eyes' outer corners on the upright map
_MAP_WH: Final = (352, 224)  # width and height of that map
_MAP_EYES: Final = (176.0, 96.0)  # where on it the middle between the eyes lies
_CORNERS: Final = (33, 133, 362, 263)
_REACH: Final = 3.0  # pixels of the map around, from which skin is painted in
_FRAMES: Final = 75  # percentile, at which what is around a frame surely is frame
_APART: Final = (0.25, 0.55)  # of that distance from the skin, from which a pixel is frame
_ITS_OWN: Final = 0.45  # of it, from a frame's own colour, within which a pixel is frame as well
_WITHIN: Final = 0.5  # of what is taken along around a frame, in which its colour is asked
_GLINT: Final = np.ones((5, 5), np.uint8)  # pixels of the map, a gap that a reflection leaves
_TAKEN_OFF: Final = 20  # pictures in a row without any, after which they are not worn any more
_NEW: Final = 0.35  # share of what the latest picture tells
_SURE: Final = (0.2, 0.6)  # mean over pictures at which a place begins to be frame, and is one


def wears_glasses(frame: Frame, face: Face) -> bool:
    """Whether spectacles are seen on a face; small faces are said to wear none.

    Args:
        frame: The picture.
        face: One of its faces.
    """
    portrait = _portrait(frame, face)
    return portrait is not None and glasses_of(portrait) is not None


def wearers(looks: Iterable[tuple[int, bool]]) -> frozenset[int]:
    """Those who wear spectacles in a shot.

    Args:
        looks: `track_id` and what `wears_glasses` said, of any frames.
    """
    told: dict[int, list[bool]] = {}
    for number, worn in looks:
        told.setdefault(number, []).append(worn)
    return frozenset(one for one, seen in told.items() if sum(seen) >= _MOSTLY * len(seen))


@dataclass(slots=True)
class Spectacles:
    """The frames of spectacles in the pictures of one shot, which are to come in order.

    Attributes:
        wearers: Their `track_id`.
    """

    wearers: frozenset[int]
    _means: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    _missed: dict[int, int] = field(default_factory=dict)

    def before(self, frame: Frame, face: Face, box: PixelBox) -> Mask | None:
        """(h, w) in [0, 1], 1 where a rim is in front of the face; None where nothing is.

        Args:
            frame: The next picture.
            face: A face of it.
            box: The part of the picture that is asked for.
        """
        if face.track_id not in self.wearers:
            return None
        portrait, mean = _portrait(frame, face), self._means.get(face.track_id)
        mask = None if portrait is None else glasses_of(portrait)
        if portrait is not None and mask is not None:
            seen = _matte(portrait, mask)
            mean = seen if mean is None else mean + np.float32(_NEW) * (seen - mean)
            self._means[face.track_id], self._missed[face.track_id] = mean, 0
        else:
            missed = self._missed[face.track_id] = self._missed.get(face.track_id, 0) + 1
            mean = mean if missed <= _TAKEN_OFF else None
        if mean is None:
            return None
        low, high = _SURE
        sure = np.clip((mean - low) / (high - low), 0, 1)
        x0, y0, x1, y1 = box
        points = face.landmarks[:, :2] - np.array([x0, y0], np.float32)
        back = cv2.invertAffineTransform(_map_from(points))
        laid = _warped(np.asarray(sure, np.float32), np.asarray(back), (x1 - x0, y1 - y0))
        return laid if laid.any() else None


def _matte(portrait: Portrait, around: Mask) -> NDArray[np.float32]:
    """(h, w) in [0, 1] on the map: the frame alone, without the skin that is taken along with it.

    It is told by its colour, which is that of what is farthest from skin that is painted in: by a
    share of the way there, or, before hair and in shadows, by being close to it.
    """
    by = _map_from(portrait.points)
    near = _warped(around, by, _MAP_WH)
    edge = cv2.BORDER_REPLICATE
    seen = cv2.warpAffine(portrait.pixels, by, _MAP_WH, flags=cv2.INTER_AREA, borderMode=edge)
    pixels = np.asarray(seen, np.uint8)
    skin = cv2.inpaint(pixels, (near > 0.02).astype(np.uint8), _REACH, cv2.INPAINT_TELEA)
    colours = lab_of(pixels)
    away = colours - lab_of(np.asarray(skin, np.uint8))
    apart = np.linalg.norm(away, axis=2)
    if not (near > _WITHIN).any():
        return near
    surely = (near > _WITHIN) & (apart >= np.percentile(apart[near > _WITHIN], _FRAMES))
    way = away[surely].mean(axis=0)
    usual = max(float(np.linalg.norm(way)), 1.0)
    low, high = _APART
    alike = np.clip((away @ (way / usual) / usual - low) / (high - low), 0, 1).astype(np.float32)
    other = np.linalg.norm(colours - colours[surely].mean(axis=0), axis=2) / usual
    alike = np.maximum(alike, np.clip((_ITS_OWN - other) / (high - low), 0, 1))
    share = cv2.morphologyEx(alike, cv2.MORPH_CLOSE, _GLINT)  # rims shine, too
    return np.asarray(near * share, np.float32)


def _portrait(frame: Frame, face: Face) -> Portrait | None:
    small = interocular_px(face.landmarks) < _LEAST_PX
    return None if small else Portrait.of(frame, face, room=_ROOM)


def _map_from(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """(2, 3) from the pixels of mesh points (478, 2) to the upright map of their eyes."""
    right, left = (points[list(pair)].mean(axis=0) for pair in (_CORNERS[:2], _CORNERS[2:]))
    corners = float(np.linalg.norm(points[_CORNERS[3]] - points[_CORNERS[0]]))
    tall = float(np.linalg.norm(points[10] - points[152])) / 3  # a face that turns keeps its size
    across = left - right
    x, y = across / max(float(np.linalg.norm(across)), 1e-6)
    turn = np.array([[x, y], [-y, x]], np.float64) * (_MAP_UNIT / max(corners, tall, 1.0))
    middle = (right + left) / 2
    return np.column_stack([turn, np.array(_MAP_EYES) - turn @ middle])


def _warped(
    mask: NDArray[np.float32], by: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    moved = cv2.warpAffine(mask, by, size, flags=cv2.INTER_LINEAR)
    return np.asarray(moved, np.float32)
