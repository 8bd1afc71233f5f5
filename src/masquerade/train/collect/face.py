"""One face of a picture measured and cut out, as a faceset keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, inverse, moved
from masquerade.faces.coverage import Measures, measure
from masquerade.faces.landmarks import face_of
from masquerade.faces.lids import openings
from masquerade.faces.mesh import LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE, topology
from masquerade.faces.mouth import lips
from masquerade.faces.occlusion.agree import anything
from masquerade.faces.occlusion.bare import bare_face
from masquerade.faces.occlusion.bare_model import BareFace, apart
from masquerade.faces.occlusion.seen import visible
from masquerade.faces.proportion import Proportion
from masquerade.faces.small_map import tones
from masquerade.faces.whole_face import face_hull, whole_face
from masquerade.train.collect.limits import Collecting
from masquerade.train.facesets.schema import Expression, FaceRecord, Quality, SourceFile
from masquerade.types import RGB, Embedding, Face, Frame, Mask, Points

_BLACK: Final = 6
_WHITE: Final = 249
_SEEN_PX: Final = 128  # of the face's square, at which what covers it is looked for


def expression_of(landmarks: Points) -> Expression:
    """What a face does.

    Args:
        landmarks: (478, 3) in pixels.
    """
    shape, rest = Proportion.of(landmarks).points, topology().neutral
    right, left = openings(landmarks)
    return Expression(
        mouth=lips.apart(shape),
        smile=lips.smile(shape) - lips.smile(rest),
        pucker=lips.width(rest) - lips.width(shape),
        eye_right=right,
        eye_left=left,
        brows=_brows(shape) - _brows(rest),
    )


def cut_face(
    frame: Frame,
    face: Face,
    embedding: Embedding,
    away: float,
    source: SourceFile,
    how: Collecting,
) -> FaceRecord:
    """The face as a faceset keeps it.

    Args:
        frame: The picture it is in.
        face: The face.
        embedding: (128,) its identity.
        away: Distance of that to the nearest face of the consent record.
        source: The file the picture is from.
        how: Size, margin and kind of the crop.
    """
    side = how.size
    crop_from_frame = whole_face(face.landmarks, side, margin=how.margin)
    pixels = crop(frame.pixels, crop_from_frame, side)
    landmarks = moved(face.landmarks, crop_from_frame)
    hull = face_hull(landmarks, side)
    within = _inside(frame.size_wh, crop_from_frame, side)
    bare = _bare(pixels, landmarks)
    area = max(float(hull.sum()), 1.0)
    shown = hull * within
    quality = _quality(
        measure(frame.pixels, face),
        clipped=_clipped(pixels, shown),
        occluded=1 - float((shown * bare).sum()) / max(float(shown.sum()), 1.0),
        outside=1 - float(shown.sum()) / area,
        presence=face.score,
        distance=away,
    )
    return FaceRecord(
        pixels=pixels,
        mask=shown * bare,
        landmarks=landmarks,
        to_frame=inverse(crop_from_frame).astype(np.float32),
        pose_deg=face.pose_deg,
        expression=expression_of(face.landmarks),
        embedding=embedding,
        quality=quality,
        source=source,
        pts=frame.pts,
        time_base=frame.time_base,
    )


def uncovered(record: FaceRecord, bare: BareFace, look: RGB) -> FaceRecord:
    """The face with a mask that leaves out what lies in front of it, as a hand or a microphone.

    Args:
        record: The face.
        bare: What it looks like bare, learnt from pictures around this one.
        look: (64, 64, 3) its small map.
    """
    if not anything(apart(bare, tones(look))):
        return record
    side = record.pixels.shape[0]
    face = face_of(record.landmarks, record.quality.presence)
    seen = visible(record.pixels, face, bare, (0, 0, side, side))
    if seen is None:
        return record
    mask = record.mask * seen
    hull = face_hull(record.landmarks, side)
    shown = max(float(hull.sum()) * (1 - record.quality.outside), 1.0)
    occluded = float(np.clip(1 - float(mask.sum()) / shown, 0, 1))
    return replace(record, mask=mask, quality=replace(record.quality, occluded=occluded))


def measures_of(
    pose_deg: NDArray[np.float32], expression: Expression, quality: Quality
) -> Measures:
    """What `masquerade.faces.coverage` judges, from what a faceset keeps."""
    return Measures(
        yaw_deg=float(pose_deg[0]),
        pitch_deg=float(pose_deg[1]),
        face_px=quality.size_px,
        sharpness=quality.sharpness,
        mouth=expression.mouth,
        eyes=(expression.eye_right + expression.eye_left) / 2,
        smile=expression.smile,
        light=(quality.light_side, quality.light_down),
        brightness=quality.brightness,
    )


def _quality(
    seen: Measures,
    *,
    clipped: float,
    occluded: float,
    outside: float,
    presence: float,
    distance: float,
) -> Quality:
    return Quality(
        size_px=seen.face_px,
        sharpness=seen.sharpness,
        brightness=seen.brightness,
        clipped=clipped,
        occluded=occluded,
        outside=outside,
        presence=presence,
        distance=distance,
        light_side=seen.light[0],
        light_down=seen.light[1],
    )


def _bare(pixels: RGB, landmarks: Points) -> Mask:
    """(S, S) in [0, 1] where skin lies bare; looked for at a size at which it costs little."""
    side = pixels.shape[0]
    if side <= _SEEN_PX:
        return bare_face(pixels, landmarks)
    small = np.asarray(cv2.resize(pixels, (_SEEN_PX, _SEEN_PX), interpolation=cv2.INTER_AREA))
    factor = np.float32(_SEEN_PX / side)
    points = landmarks * factor
    points[:, :2] += (factor - 1) / 2
    bare = bare_face(np.asarray(small, np.uint8), points)
    return np.asarray(cv2.resize(bare, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def _inside(size_wh: tuple[int, int], crop_from_frame: NDArray[np.float64], side: int) -> Mask:
    """(S, S) 1 where the crop shows the frame, 0 beyond its edges."""
    corners = np.array([[0, 0], [side - 1, 0], [0, side - 1], [side - 1, side - 1]], np.float64)
    seen = moved(corners, inverse(crop_from_frame))
    if (seen >= 0).all() and (seen <= np.array(size_wh) - 1).all():
        return np.ones((side, side), np.float32)
    grid = np.mgrid[0:side, 0:side][::-1].reshape(2, -1).T.astype(np.float64)
    x, y = moved(grid, inverse(crop_from_frame)).T
    within = (x > -0.5) & (x < size_wh[0] - 0.5) & (y > -0.5) & (y < size_wh[1] - 0.5)
    return np.asarray(within.reshape(side, side), np.float32)


def _clipped(pixels: RGB, shown: Mask) -> float:
    """Share of the shown face whose pixels are black or white in every colour."""
    low, high = pixels.max(axis=2) <= _BLACK, pixels.min(axis=2) >= _WHITE
    return float(((low | high) * shown).sum()) / max(float(shown.sum()), 1.0)


def _brows(shape: Points) -> float:
    eyes = float(shape[[*RIGHT_EYE, *LEFT_EYE], 1].mean())
    return eyes - float(shape[[*RIGHT_BROW, *LEFT_BROW], 1].mean())
