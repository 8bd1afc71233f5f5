"""Hands before a face: found in each picture, followed through a shot, kept as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from masquerade.bodies.hand_mask import hand_mask, palm_px
from masquerade.bodies.hands import Hand, HandReader, find_hands, place_of, read_hand, same_hand
from masquerade.types import RGB, Face, Mask, PixelBox

_VIEWS: Final = (1.7, 2.4, 3.4)  # sizes of a face, parts of the picture around it that are searched
_PALM: Final = 0.2  # least score of a palm that is looked at closer
_FOUND: Final = 0.5  # least score of a hand that is found, and
_KEPT: Final = 0.3  # of one that is followed from the frame before
_LEAST: Final = (0.28, 0.11)  # of a face's height: a hand's size and its palm's
_SMALL: Final = (0.45, 0.75)  # a hand smaller than that share of a face's height needs that score
_TURNS: Final = (-20.0, 0.0, 20.0)  # degrees, by which it is looked at again
_AGAIN: Final = 0.35  # mean score of these looks: ears and necks pass for hands in one at most
_EVERY: Final = 3  # frames between two searches of a shot
_STILL: Final = 0.06  # of a hand's size: points that move less are held still
_LEAST_PX: Final = 24  # a side of a part that shows anything
_NEAR: Final = 0.25  # of a face's size, around its box: hands farther away are none of its


@dataclass(frozen=True, slots=True)
class Before:
    """What is before a face.

    Attributes:
        mask: (H, W) float32 in [0, 1] hands and their arms.
        boxes: Around each hand, in pixels of the picture.
    """

    mask: Mask
    boxes: tuple[PixelBox, ...]

    def near(self, changed: Mask, box: PixelBox) -> tuple[PixelBox, ...]:
        """Those boxes that hold something of a part of the picture that is changed.

        Args:
            changed: (h, w) in [0, 1], above 0 where it is.
            box: Where that lies in the picture.
        """
        left, top, right, bottom = box
        touched = (changed > 0) & (self.mask[top:bottom, left:right] > 0)
        return tuple(
            (x0, y0, x1, y1)
            for x0, y0, x1, y1 in self.boxes
            if touched[
                max(y0 - top, 0) : max(y1 - top, 0), max(x0 - left, 0) : max(x1 - left, 0)
            ].any()
        )


class HandsBefore:
    """The hands of one shot, frame after frame.

    Args:
        reader: The networks.
    """

    def __init__(self, reader: HandReader) -> None:
        self._reader = reader
        self._known: list[Hand] = []
        self._frames = 0

    def of(self, picture: RGB, faces: Sequence[Face]) -> Before | None:
        """The hands near the faces of the next frame; None where none is seen."""
        found = [hand for one in self._known if (hand := self._followed(picture, one))]
        if self._frames % _EVERY == 0:
            for face in faces:
                for hand in hands_near(picture, face, self._reader):
                    if not any(same_hand(hand, other) for other in found):
                        found.append(hand)
        self._frames += 1
        self._known = [hand for hand in found if any(_belongs(hand, face) for face in faces)]
        return _before(picture, self._known)

    def _followed(self, picture: RGB, before: Hand) -> Hand | None:
        now = read_hand(picture, before.place, self._reader, presence=_KEPT)
        if now is None:
            return None
        moved = np.linalg.norm((now.points - before.points)[:, :2], axis=1).max()
        share = np.float32(np.clip(moved / (_STILL * before.size_px), 0.3, 1))
        points = before.points + share * (now.points - before.points)
        return replace(now, points=points, place=place_of(points))


def hands_near(picture: RGB, face: Face, reader: HandReader) -> list[Hand]:
    """Hands before or beside a face, each once.

    Args:
        picture: (H, W, 3) uint8 RGB.
        face: In it.
        reader: The networks.
    """
    found: list[Hand] = []
    for x0, y0, x1, y1 in _parts(picture, face):
        part = np.ascontiguousarray(picture[y0:y1, x0:x1])
        for seen in find_hands(part, reader, palm=_PALM, presence=_FOUND):
            points = seen.points + np.array([x0, y0, 0], np.float32)
            hand = replace(seen, points=points, place=place_of(points))
            known = any(same_hand(hand, other) for other in found)
            if not known and _belongs(hand, face) and _again(picture, hand, reader) >= _AGAIN:
                found.append(hand)
    return found


def _again(picture: RGB, hand: Hand, reader: HandReader) -> float:
    """Mean score of a hand in pictures that are turned against each other."""
    place, scores = hand.place, []
    for turn in np.radians(_TURNS):
        sine, cosine = float(np.sin(turn)), float(np.cos(turn))
        turned = np.array([[cosine, -sine], [sine, cosine]], np.float32) @ place.up
        seen = read_hand(picture, replace(place, up=turned), reader, presence=0.0)
        scores.append(seen.score if seen else 0.0)
    return float(np.mean(scores))


def _parts(picture: RGB, face: Face) -> list[PixelBox]:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = face.box
    middle, size = np.array([x0 + x1, y0 + y1]) / 2, max(x1 - x0, y1 - y0)
    parts: list[PixelBox] = []
    for view in _VIEWS:
        low = np.clip(np.floor(middle - view * size / 2), 0, (width, height)).astype(int)
        high = np.clip(np.ceil(middle + view * size / 2), 0, (width, height)).astype(int)
        part = int(low[0]), int(low[1]), int(high[0]), int(high[1])
        if part not in parts and min(part[2] - part[0], part[3] - part[1]) >= _LEAST_PX:
            parts.append(part)
    return parts


def _belongs(hand: Hand, face: Face) -> bool:
    """Whether a hand is near a face, and as large as hands are beside one."""
    tall = float(np.linalg.norm(face.landmarks[10] - face.landmarks[152]))
    size, palm = hand.size_px / max(tall, 1.0), palm_px(hand) / max(tall, 1.0)
    if size < _LEAST[0] or palm < _LEAST[1] or (size < _SMALL[0] and hand.score < _SMALL[1]):
        return False
    x0, y0, x1, y1 = face.box
    wide = _NEAR * max(x1 - x0, y1 - y0)
    a, b, c, d = hand.box
    return a < x1 + wide and c > x0 - wide and b < y1 + wide and d > y0 - wide


def _before(picture: RGB, hands: Sequence[Hand]) -> Before | None:
    if not hands:
        return None
    mask = np.zeros(picture.shape[:2], np.float32)
    for hand in hands:
        found, (x0, y0, x1, y1) = hand_mask(picture, hand)
        mask[y0:y1, x0:x1] = np.maximum(mask[y0:y1, x0:x1], found)
    boxes = (_box_of(hand, picture) for hand in hands)  # one that has left the picture has none
    return Before(mask, tuple(box for box in boxes if box[0] < box[2] and box[1] < box[3]))


def _box_of(hand: Hand, picture: RGB) -> PixelBox:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = hand.box
    return max(int(x0), 0), max(int(y0), 0), min(int(x1) + 1, width), min(int(y1) + 1, height)
