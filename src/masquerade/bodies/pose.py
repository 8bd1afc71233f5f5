"""People in a picture: where their joints are, and which pixels are theirs.

The detector sees 224 pixels a side, so a picture is shown to it whole and, where nobody is found
or people may be small, in overlapping squares. Joints are read off a crop that is turned so that
the person stands upright in it; the next frame's crop follows from this frame's reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.squares import squares
from masquerade.models.body_detector import CARD as DETECTOR
from masquerade.models.body_detector import BodyDetector
from masquerade.models.body_pose import CARD as POSE
from masquerade.models.body_pose import BodyPose
from masquerade.models.store import Progress
from masquerade.types import RGB, Box, Mask, Points

Affine: TypeAlias = NDArray[np.float64]

NOSE, LEFT_EAR, RIGHT_EAR = 0, 7, 8  # left and right of the person
EYES, MOUTH = (2, 5), (9, 10)
SHOULDERS, ELBOWS, WRISTS = (11, 12), (13, 14), (15, 16)
HIPS, KNEES, ANKLES = (23, 24), (25, 26), (27, 28)
HEELS, TOES = (29, 30), (31, 32)
PINKIES, INDICES, THUMBS = (17, 18), (19, 20), (21, 22)
LIMBS: Final = (*SHOULDERS, *ELBOWS, *WRISTS, *HIPS, *KNEES, *ANKLES)

CARDS: Final = (DETECTOR, POSE)
PRESENCE: Final = 0.5  # least score of a reading that shows a person
_WIDER: Final = 1.25  # of the circle around a person, the crop
_CLOSER: Final = 0.85  # of the usual crop, the second look at a person
_TWICE: Final = 0.45  # of a person's height, within which two hips are one person's


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is: the middle of the hips, and the point above on the circle around them."""

    hips: Points
    reach: Points

    @property
    def size_px(self) -> float:
        """Side of the square crop in pixels."""
        return float(2 * _WIDER * np.linalg.norm(self.reach - self.hips))

    def crop_from_frame(self, side: int) -> Affine:
        """(2, 3) the transform into a square crop of that side in which the person is upright."""
        away = self.reach.astype(np.float64) - self.hips
        angle = np.degrees(np.arctan2(away[0], -away[1]))
        centre = (float(self.hips[0]), float(self.hips[1]))
        matrix = cv2.getRotationMatrix2D(centre, angle, side / max(self.size_px, 1.0))
        moved = np.asarray(matrix, np.float64)
        moved[:, 2] += (side - 1) / 2 - self.hips.astype(np.float64)
        return moved


@dataclass(frozen=True, slots=True)
class Body:
    """One person in one picture.

    Attributes:
        joints: (33, 3) float32 in picture pixels, numbered as BlazePose does; z from the middle of
            the hips in the pixel scale of x, growing away from the camera.
        seen: (33,) float32 in [0, 1] how surely each joint is in sight.
        metres: (33, 3) float32 in metres from the middle of the hips, y downwards.
        score: How surely there is a person, in [0, 1].
        place: Where to look for the same person in the next frame.
    """

    joints: Points
    seen: NDArray[np.float32]
    metres: Points
    score: float
    place: Place

    @property
    def box(self) -> Box:
        """Around the joints."""
        low, high = self.joints[:, :2].min(axis=0), self.joints[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def height_px(self) -> float:
        """Longer side of the box around the joints."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)

    @property
    def yaw_deg(self) -> float:
        """How far the shoulders and hips are turned from the camera; 180 is the back view."""
        return abs(self.turn_deg)

    @property
    def turn_deg(self) -> float:
        """The same with a sign: positive where the person's left side is the further one."""
        across = self.metres[SHOULDERS[0]] - self.metres[SHOULDERS[1]]
        across = across + self.metres[HIPS[0]] - self.metres[HIPS[1]]
        return float(np.degrees(np.arctan2(across[2], across[0])))


@dataclass(frozen=True, slots=True)
class BodyReader:
    """The loaded networks.

    Attributes:
        detector: Finds people.
        pose: Reads joints off a crop.
    """

    detector: BodyDetector
    pose: BodyPose
    cards: tuple[str, ...] = CARDS

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """Both networks with their weights loaded, fetched on first use as `progress` is told."""
        return cls(
            BodyDetector.open(threads=threads, progress=progress),
            BodyPose.open(threads=threads, progress=progress),
        )


def find_bodies(picture: RGB, reader: BodyReader) -> list[Body]:
    """Everybody in a picture, the tallest first.

    Args:
        picture: (H, W, 3) uint8 RGB.
        reader: The loaded networks.
    """
    found: list[Body] = []
    for place in _places(picture, reader):
        body = read_body(picture, place, reader)
        body = read_body(picture, body.place, reader) if body else None  # from nearer the mark
        if body and not any(same_person(body, other) for other in found):
            found.append(body)
    return sorted(found, key=lambda one: -one.height_px)


def read_body(picture: RGB, place: Place, reader: BodyReader) -> Body | None:
    """The person at a place; None where nobody is.

    Args:
        picture: (H, W, 3) uint8 RGB.
        place: Where to look.
        reader: The loaded networks.
    """
    return read_with_mask(picture, place, reader)[0]


def read_with_mask(
    picture: RGB, place: Place, reader: BodyReader
) -> tuple[Body | None, Mask, Affine]:
    """The person at a place, which pixels of the crop are theirs, and the crop.

    Args:
        picture: (H, W, 3) uint8 RGB.
        place: Where to look.
        reader: The loaded networks.

    Returns:
        The person; (256, 256) float32 in [0, 1]; (2, 3) crop_from_frame.
    """
    side = reader.pose.side
    crop_from_frame = place.crop_from_frame(side)
    crop = cv2.warpAffine(picture, crop_from_frame, (side, side), flags=cv2.INTER_AREA)
    reading = reader.pose(np.asarray(crop, np.uint8))
    if reading.score < PRESENCE:
        return None, reading.mask, crop_from_frame
    back = np.asarray(cv2.invertAffineTransform(crop_from_frame), np.float64)
    scale = float(np.hypot(back[0, 0], back[1, 0]))
    joints = np.empty_like(reading.joints)
    joints[:, :2] = _moved(reading.joints[:, :2], back)
    joints[:, 2] = reading.joints[:, 2] * scale
    metres = reading.metres.copy()
    metres[:, :2] = metres[:, :2] @ (back[:, :2] / scale).T.astype(np.float32)
    hips, reach = _moved(np.stack([reading.hips, reading.reach]), back)
    body = Body(joints, reading.seen, metres, reading.score, Place(hips, reach))
    return body, reading.mask, crop_from_frame


def closely_masked(picture: RGB, body: Body, reader: BodyReader) -> Mask:
    """(H, W) float32 in [0, 1] which pixels are a person, the mean of two looks.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: The person, as read before.
        reader: The loaded networks.
    """
    size = picture.shape[1], picture.shape[0]
    looks = []
    for share in (1.0, _CLOSER):
        reach = body.place.hips + (body.place.reach - body.place.hips) * np.float32(share)
        _, mask, crop = read_with_mask(picture, Place(body.place.hips, reach), reader)
        looks.append(cv2.warpAffine(mask, np.asarray(cv2.invertAffineTransform(crop)), size))
    return np.asarray(np.mean(looks, axis=0), np.float32)


def same_person(one: Body, other: Body) -> bool:
    """Whether two readings of a picture are of one person: their limbs lie on each other."""
    apart = np.linalg.norm((one.joints - other.joints)[list(LIMBS), :2], axis=1)
    return float(np.median(apart)) < _TWICE * 0.5 * min(one.height_px, other.height_px)


def _places(picture: RGB, reader: BodyReader) -> Iterator[Place]:
    """Where the detector sees people, in the whole picture and in squares of it."""
    for square in squares(picture, reader.detector.side):
        people = reader.detector(square.pixels)
        for hips, reach in zip(people.hips, people.reach, strict=True):
            yield Place(square.in_picture(hips), square.in_picture(reach))


def _moved(points: NDArray[np.floating], transform: Affine) -> Points:
    return np.asarray(points @ transform[:, :2].T + transform[:, 2], np.float32)
