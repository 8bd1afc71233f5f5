"""Faces in a picture: small ones, large ones, several, tilted ones.

The detectors see 128 and 192 pixels, so a picture is shown to them whole and in overlapping tiles
of several sizes, upright and turned. The mesh network has the last word on every candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, inverse, moved, square_crop
from masquerade.faces.landmarks import Place, read_face_well
from masquerade.faces.readers import FaceReader
from masquerade.models.anchors import overlap
from masquerade.models.face_detector import LEFT_EYE, RIGHT_EYE
from masquerade.types import RGB, Face, Points

PRESENCE: Final = 0.5
SMALLEST_PX: Final = 24.0
_SMALLEST_SHARE: Final = 1 / 80  # of the longer side: keeps the search of large photos short
TILTS: Final = (0.0, -90.0, 90.0)
_SEEN_PX: Final = 14.0  # least size of a face in the far detector's own pixels
_WIDE_PX: Final = 192.0  # side of the far detector's picture
_GLIMPSE: Final = 0.4  # least score at first sight
_SURE: Final = 0.7  # least score from near; false ones reached 0.74, true ones fell to 0.71
_CLOSER: Final = 2.0  # side of the near detector's second look, in sizes of the face
_HIGHER: Final = 0.047  # where a mesh lies and how large it is, by a detector's box: the mean
_WIDER: Final = 1.105  # over 15 portraits
_SAME: Final = 0.3  # intersection over union from which two sightings are one face
_STEP: Final = 4.0  # from one size of tile to the next; it sees faces of 1/14 to 1/3 of its tile


@dataclass(frozen=True, slots=True)
class Look:
    """One square of a picture to show to a detector, turned by `angle` radians."""

    centre: Points
    size_px: float
    angle: float
    near: bool


def looks(
    size_wh: tuple[int, int],
    *,
    smallest_px: float | None = None,
    tilts: tuple[float, ...] = TILTS,
) -> Iterator[Look]:
    """The squares to search so that no face of at least `smallest_px` is missed, widest first.

    Args:
        size_wh: Width and height of the picture in pixels.
        smallest_px: Least size of a face in pixels; None for `SMALLEST_PX`, and more in pictures
            wider than 1920 pixels.
        tilts: Degrees by which heads may be tilted; a detector copes with some 40 degrees around.
    """
    width, height = size_wh
    whole = float(max(width, height))
    middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
    for tilt in tilts:
        angle = float(np.radians(tilt))
        yield Look(middle, whole * 1.2, angle, near=True)  # room around a face that fills the frame
        yield Look(middle, whole, angle, near=False)
    if smallest_px is None:
        smallest_px = max(SMALLEST_PX, whole * _SMALLEST_SHARE)
    tile = _WIDE_PX * smallest_px / _SEEN_PX
    levels = int(np.ceil(np.log(whole / tile) / np.log(_STEP))) if whole > tile else 0
    for level in range(1, levels + 1):
        size = whole * (tile / whole) ** (level / levels)
        for tilt in tilts:
            for centre in _grid(size_wh, size):
                yield Look(centre, size, float(np.radians(tilt)), near=False)


def _grid(size_wh: tuple[int, int], size: float) -> Iterator[Points]:
    """Centres of squares that cover a picture, a third of each shared with its neighbour."""
    axes = []
    for length in size_wh:
        count = max(1, int(np.ceil((length - size / 3) / (size * 2 / 3))))
        low, high = size / 2, max(length - size / 2, size / 2)
        axes.append(np.linspace(low, high, count) if count > 1 else np.array([length / 2]))
    for y in axes[1]:
        for x in axes[0]:
            yield np.array([x, y], np.float32)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place where a detector sees a face, and how surely, in [0, 1]."""

    place: Place
    score: float


def sightings(
    image: RGB, searched: Iterable[Look], reader: FaceReader, *, known: Sequence[Face] = ()
) -> list[Sighting]:
    """Places of faces in the given squares, surest first, each face once.

    A face is often seen in several squares, and a detector takes a face upside down for an upright
    one with its eyes at the mouth; so every sighting is looked at again from near, turned upright,
    and of those that overlap the surest stays.

    Args:
        image: (H, W, 3) uint8 RGB.
        searched: Where to look.
        reader: The loaded networks.
        known: Faces already found in this picture; nothing is reported where they are.
    """
    first = [seen for look in searched for seen in _look(image, look, reader, score=_GLIMPSE)]
    news = [seen for seen in first if not any(covers(face, seen.place) for face in known)]
    second = [see_again(image, seen.place, reader) for seen in _apart(news, same_angle=True)]
    return _apart([seen for seen in second if seen is not None], same_angle=False)


def _look(image: RGB, look: Look, reader: FaceReader, *, score: float) -> list[Sighting]:
    """What one detector sees in one square."""
    detector = reader.near if look.near else reader.far
    crop_from_frame = square_crop(look.centre, look.size_px, look.angle, detector.side)
    found = detector(crop(image, crop_from_frame, detector.side), score=score)
    frame_from_crop = inverse(crop_from_frame)
    scale = look.size_px / detector.side
    seen = []
    for box, points, sure in zip(found.boxes, found.points, found.scores, strict=True):
        middle = (box[:2] + box[2:]) / 2
        centre, right, left = moved(
            np.stack([middle, points[RIGHT_EYE], points[LEFT_EYE]]) - 0.5, frame_from_crop
        )
        angle = float(np.arctan2(*(left - right)[::-1]))
        size = float((box[2:] - box[:2]).max()) * scale
        up = np.array([np.sin(angle), -np.cos(angle)], np.float32)
        place = Place(centre + _HIGHER * size * up, size * _WIDER, angle)
        seen.append(Sighting(place, float(sure)))
    return seen


def see_again(image: RGB, place: Place, reader: FaceReader) -> Sighting | None:
    """The face at a place as the near detector sees it there upright; None if it does not."""
    closer = Look(place.centre, place.size_px * _CLOSER, place.angle, near=True)
    seen = [
        one
        for one in _look(image, closer, reader, score=_SURE)
        if np.linalg.norm(one.place.centre - place.centre) < place.size_px / 2
        and abs(_turn(one.place.angle, place.angle)) < np.pi / 3
    ]
    return max(seen, key=lambda one: one.score, default=None)


def covers(face: Face, place: Place) -> bool:
    """Whether a place lies on a known face."""
    x, y = place.centre
    x0, y0, x1, y1 = face.box
    return x0 <= float(x) <= x1 and y0 <= float(y) <= y1


def _apart(seen: list[Sighting], *, same_angle: bool) -> list[Sighting]:
    """The surest of each group of sightings that overlap (and are tilted alike, if so asked)."""
    kept: list[Sighting] = []
    for one in sorted(seen, key=lambda one: -one.score):
        rivals = [
            other
            for other in kept
            if not same_angle or abs(_turn(one.place.angle, other.place.angle)) < np.pi / 4
        ]
        boxes = np.array([_square(other.place) for other in rivals], np.float32).reshape(-1, 4)
        if not (overlap(_square(one.place), boxes) > _SAME).any():
            kept.append(one)
    return kept


def _turn(a: float, b: float) -> float:
    """The angle from b to a in radians, in [-pi, pi)."""
    return float((a - b + np.pi) % (2 * np.pi) - np.pi)


def _square(place: Place) -> NDArray[np.float32]:
    """(4,) xyxy upright square of a place's size around its centre."""
    half = place.size_px / 2
    return np.concatenate([place.centre - half, place.centre + half]).astype(np.float32)


def find_faces(
    image: RGB,
    reader: FaceReader,
    *,
    smallest_px: float | None = None,
    tilts: tuple[float, ...] = TILTS,
    presence: float = PRESENCE,
) -> tuple[Face, ...]:
    """Every face in a picture, the largest first; empty when there is none.

    Args:
        image: (H, W, 3) uint8 RGB.
        reader: The loaded networks.
        smallest_px: Least size of a face in pixels; smaller ones may be found too. None: 24, or
            1/80 of the longer side where that is more.
        tilts: Degrees by which heads may be tilted, each covering some 40 degrees on both sides.
        presence: Least score of the mesh network.

    Example:
        >>> from masquerade.media.read import read_image
        >>> find_faces(read_image("anna.jpg").pixels, FaceReader.open())  # doctest: +SKIP
    """
    height, width = image.shape[:2]
    searched = looks((width, height), smallest_px=smallest_px, tilts=tilts)
    found = sightings(image, searched, reader)
    faces = [read_face_well(image, one.place, reader) for one in found]
    return tuple(distinct([face for face in faces if face.score >= presence]))


def distinct(faces: list[Face]) -> list[Face]:
    """The faces without doubles, largest first.

    One of which half or more lies inside a larger one is the same face again, or an eye or a mouth
    taken for a face.
    """
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.size_px):
        if not any(_inside(face, other) for other in kept):
            kept.append(face)
    return kept


def _inside(face: Face, other: Face) -> bool:
    """Whether at least half of `face` lies within the larger `other`."""
    x0, y0 = max(face.box[0], other.box[0]), max(face.box[1], other.box[1])
    x1, y1 = min(face.box[2], other.box[2]), min(face.box[3], other.box[3])
    area = (face.box[2] - face.box[0]) * (face.box[3] - face.box[1])
    return max(0.0, x1 - x0) * max(0.0, y1 - y0) > 0.5 * area
