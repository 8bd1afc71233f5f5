"""Hands in a picture: where they are, and 21 points of each.

The detector finds palms and sees 192 pixels a side, so that it is shown the picture, or a part of
it, whole and where it is long in overlapping squares. Points are read off a crop that is turned so
that the fingers point up; a second reading, of a crop that follows from the first, is closer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.squares import squares
from masquerade.models.hand_detector import CARD as DETECTOR
from masquerade.models.hand_detector import HandDetector
from masquerade.models.hand_pose import CARD as POSE
from masquerade.models.hand_pose import HandPose
from masquerade.models.store import Progress
from masquerade.types import RGB, Box, Points

Affine: TypeAlias = NDArray[np.float64]

CARDS: Final = (DETECTOR, POSE)
WRIST: Final = 0
FINGERS: Final = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
"""Points of thumb, index, middle, ring and little finger, from root to tip."""
ROOTS: Final = (5, 9, 13, 17)
PRESENCE: Final = 0.5  # least score of a reading that shows a hand
_PALM: Final = 0.5  # least score of a palm that is looked at closer
_CROP_OF_PALM: Final = 2.6  # sizes of a palm, the crop around its hand
_UP: Final = 0.5  # sizes of a palm, from its middle towards the fingers, the crop's middle
_CROP_OF_HAND: Final = 2.0  # sizes of a hand, the crop around it
_UP_OF_HAND: Final = 0.1
_TWICE: Final = 0.25  # of a hand's size, within which the points of two are one hand's


@dataclass(frozen=True, slots=True)
class HandPlace:
    """Where a hand is: a square around it, turned as it is.

    Attributes:
        centre: (2,) float32 in pixels of the picture.
        up: (2,) float32 unit vector from the wrist to the fingers.
        size_px: Side of the square.
    """

    centre: Points
    up: Points
    size_px: float

    def crop_from_frame(self, side: int) -> Affine:
        """(2, 3) the transform into a square crop of that side in which fingers point up."""
        scale = side / max(self.size_px, 1.0)
        up = self.up.astype(np.float64)
        turn = np.array([[-up[1], up[0]], [-up[0], -up[1]]]) * scale
        return np.column_stack([turn, (side - 1) / 2 - turn @ self.centre.astype(np.float64)])


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand in one picture.

    Attributes:
        points: (21, 3) float32 in picture pixels, numbered as MediaPipe does: the wrist, then four
            of each finger from root to tip, the thumb first; z from the wrist in the same scale,
            growing away from the camera.
        score: How surely it is a hand, in [0, 1].
        right: How surely it is a right one, in [0, 1].
        place: Where to look for the same hand in the next frame.
    """

    points: Points
    score: float
    right: float
    place: HandPlace

    @property
    def box(self) -> Box:
        """Around the points."""
        low, high = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def size_px(self) -> float:
        """Longer side of the box around the points."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)


@dataclass(frozen=True, slots=True)
class HandReader:
    """The loaded networks.

    Attributes:
        detector: Finds palms.
        pose: Reads points off a crop.
    """

    detector: HandDetector
    pose: HandPose

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """Both networks with their weights loaded, fetched on first use as `progress` is told."""
        return cls(
            HandDetector.open(threads=threads, progress=progress),
            HandPose.open(threads=threads, progress=progress),
        )


def find_hands(
    picture: RGB, reader: HandReader, *, palm: float = _PALM, presence: float = PRESENCE
) -> list[Hand]:
    """Every hand in a picture, the largest first.

    Args:
        picture: (H, W, 3) uint8 RGB.
        reader: The loaded networks.
        palm: Least score of a palm that is looked at closer.
        presence: Least score of a hand.
    """
    found: list[Hand] = []
    for place in _places(picture, reader, palm):
        hand = read_hand(picture, place, reader, presence=presence)
        hand = read_hand(picture, hand.place, reader, presence=presence) if hand else None
        if hand and not any(same_hand(hand, other) for other in found):
            found.append(hand)
    return sorted(found, key=lambda one: -one.size_px)


def read_hand(
    picture: RGB, place: HandPlace, reader: HandReader, *, presence: float = PRESENCE
) -> Hand | None:
    """The hand at a place; None where none is.

    Args:
        picture: (H, W, 3) uint8 RGB.
        place: Where to look.
        reader: The loaded networks.
        presence: Least score of a hand.
    """
    side = reader.pose.side
    crop_from_frame = place.crop_from_frame(side)
    crop = cv2.warpAffine(picture, crop_from_frame, (side, side), flags=cv2.INTER_AREA)
    reading = reader.pose(np.asarray(crop, np.uint8))
    if reading.score < presence:
        return None
    back = np.asarray(cv2.invertAffineTransform(crop_from_frame), np.float64)
    points = np.empty_like(reading.points)
    points[:, :2] = reading.points[:, :2] @ back[:, :2].T + back[:, 2]
    points[:, 2] = reading.points[:, 2] * float(np.hypot(back[0, 0], back[1, 0]))
    return Hand(points, reading.score, reading.right, place_of(points))


def place_of(points: Points) -> HandPlace:
    """The square around the points of a hand in which it is looked for again.

    Args:
        points: (21, 2 or 3) in pixels.
    """
    flat = points[:, :2].astype(np.float32)
    up = flat[list(ROOTS)].mean(axis=0) - flat[WRIST]
    up = up / max(float(np.linalg.norm(up)), 1e-3)
    aside = np.array([-up[1], up[0]], np.float32)
    along = np.stack([flat @ aside, flat @ up])
    low, high = along.min(axis=1), along.max(axis=1)
    size = float((high - low).max())
    middle = (low + high) / 2 + np.array([0, _UP_OF_HAND * size], np.float32)
    centre = middle[0] * aside + middle[1] * up
    return HandPlace(np.asarray(centre, np.float32), up, _CROP_OF_HAND * size)


def same_hand(one: Hand, other: Hand) -> bool:
    """Whether two readings of a picture are of one hand: their points lie on each other."""
    apart = np.linalg.norm((one.points - other.points)[:, :2], axis=1)
    return float(np.median(apart)) < _TWICE * min(one.size_px, other.size_px)


def _places(picture: RGB, reader: HandReader, least: float) -> Iterator[HandPlace]:
    """Where the detector sees palms, in the whole picture and in squares of it."""
    for square in squares(picture, reader.detector.side):
        palms = reader.detector(square.pixels, score=least)
        for box, wrist, root in zip(palms.boxes, palms.wrists, palms.roots, strict=True):
            up = (root - wrist) / max(float(np.linalg.norm(root - wrist)), 1e-3)
            palm = float(max(box[2] - box[0], box[3] - box[1]))
            centre = (box[:2] + box[2:]) / 2 + np.float32(_UP * palm) * up
            size = _CROP_OF_PALM * palm * float(square.scale)
            yield HandPlace(square.in_picture(centre), up, size)
