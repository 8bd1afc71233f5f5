"""Hair of the old person that no mask holds: thin, near the head, of a colour that the head has.

A mask of 256 pixels a person smooths loose strands away. They differ from the place behind, as
something that passes in front does, and would stay in the air beside a shorter head.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.skeleton import NUMBER, Skeleton
from masquerade.types import RGB, Mask

Flags: TypeAlias = NDArray[np.bool_]

_APART: Final = 24.0  # of 255, by which a strand differs from the place
_NEAR: Final = 0.75  # torsos from a head's bone, that hair reaches
_THIN: Final = 0.045  # torsos: half the width that a strand has at most
_MOSTLY: Final = 0.6  # of a part, that is thin
_LEAST: Final = 12  # pixels of a strand, halved
_FREE: Final = 0.3  # of a mask, below which it does not hold a pixel
_HELD: Final = 0.7  # from which it surely does
_THERE: Final = 0.1  # of what stays, from which something is there
_HEAD: Final = 0.38  # torsos from its bone, within which a head and its hair are
_ALIKE: Final = 18.0  # of Lab, within which a colour is one that the head has
_SHARE: Final = 0.06  # of the head's pixels, that have it
_GROW: Final = 0.03  # torsos around a strand that go with it


def strands(frame: RGB, place: RGB, known: Flags, coarse: Mask, bones: Skeleton) -> Mask:
    """(H, W) float32 in [0, 1] loose hair of the person in a frame.

    Args:
        frame: (H, W, 3) uint8 RGB.
        place: (H, W, 3) what lies behind the person.
        known: (H, W) where that was seen.
        coarse: (H, W) float32 in [0, 1] which pixels the network takes for the person.
        bones: The person's, in these pixels.
    """
    none = np.zeros(coarse.shape, np.float32)
    look = _Look.of(frame, coarse, bones)
    if look is None:
        return none
    apart = cv2.absdiff(look.seen, np.ascontiguousarray(place[look.part])).max(axis=2)
    loose = (apart > _APART) & known[look.part] & (look.own < _FREE) & look.near
    reach = max(round(_THIN * bones.torso_px / 2), 1)
    thick = cv2.morphologyEx(loose.astype(np.uint8), cv2.MORPH_OPEN, _disc(reach)) > 0
    kept = np.zeros(loose.shape, np.float32)
    for there in look.of_hair(loose):
        if thick[there].mean() <= 1 - _MOSTLY:
            kept[there] = 1
    wide = cv2.dilate(kept, _disc(max(round(_GROW * bones.torso_px / 2), 1)))
    soft = cv2.GaussianBlur(wide, (0, 0), 0.8)
    x0, y0, x1, y1 = look.box
    none[y0:y1, x0:x1] = cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return none


def without_hair(things: Mask, frame: RGB, coarse: Mask, bones: Skeleton) -> Mask:
    """(H, W) the same without the parts near a head that are of its hair's colour.

    Hair that flies over a shirt looks otherwise than the shirt mostly does, and is no thing.

    Args:
        things: (H, W) float32 in [0, 1] what is to stay before the new person.
        frame: As for `strands`, and so are the rest.
        coarse: (H, W) float32 in [0, 1].
        bones: In these pixels.
    """
    look = _Look.of(frame, coarse, bones) if things.any() else None
    if look is None:
        return things
    found = np.zeros(look.own.shape, np.float32)
    for there in look.of_hair((things[look.part] > _THERE) & look.near):
        found[there] = 1
    if not found.any():
        return things
    wide = cv2.dilate(found, _disc(2))
    x0, y0, x1, y1 = look.box
    gone = cv2.resize(wide, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    out = things.copy()
    out[y0:y1, x0:x1] *= 1 - gone
    return out


@dataclass(frozen=True, slots=True)
class _Look:
    """Every second pixel around a head: where it lies, and what belongs to the head there."""

    box: tuple[int, int, int, int]
    part: tuple[slice, slice]
    seen: RGB
    own: Mask
    near: Flags
    lab: NDArray[np.float32]
    head: Flags

    @classmethod
    def of(cls, frame: RGB, coarse: Mask, bones: Skeleton) -> _Look | None:
        """None where no head is seen."""
        box = _around(bones, coarse.shape)
        if box is None:
            return None
        part = slice(box[1], box[3], 2), slice(box[0], box[2], 2)
        seen, own, away = np.ascontiguousarray(frame[part]), coarse[part], _beside(bones, box)
        light = seen.astype(np.float32) / np.float32(255)
        lab = np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), np.float32)
        head = (own > _HELD) & (away < np.float32(_HEAD * bones.torso_px))
        near = away < np.float32(_NEAR * bones.torso_px)
        return cls(box, part, seen, own, near, lab, head)

    def of_hair(self, where: Flags) -> Iterator[Flags]:
        """The parts that have a colour of the head."""
        hair = self.lab[self.head & ~where]
        if not len(hair):
            return
        count, labels, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8))
        for number in range(1, count):
            if stats[number, cv2.CC_STAT_AREA] < _LEAST:
                continue
            there = labels == number
            colour = np.median(self.lab[there], axis=0)
            if (np.linalg.norm(hair - colour, axis=1) < _ALIKE).mean() > _SHARE:
                yield there


def _around(bones: Skeleton, shape_hw: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Around all that hair may reach; None where that is outside the picture."""
    points = bones.segments[NUMBER["head"]]
    low = np.maximum(np.floor(points.min(axis=0) - _NEAR * bones.torso_px), 0).astype(int)
    high = np.ceil(points.max(axis=0) + _NEAR * bones.torso_px).astype(int)
    high = np.minimum(high, shape_hw[1::-1])
    if (high - low < 8).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _beside(bones: Skeleton, box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """(h, w) how far every second pixel of a box is from the head's bone, in whole pixels."""
    start, end = bones.segments[NUMBER["head"]]
    ys, xs = np.mgrid[box[1] : box[3] : 2, box[0] : box[2] : 2].astype(np.float32)
    way = end - start
    share = ((xs - start[0]) * way[0] + (ys - start[1]) * way[1]) / max(float(way @ way), 1e-6)
    share = np.clip(share, 0, 1)
    away = np.hypot(xs - start[0] - share * way[0], ys - start[1] - share * way[1])
    return np.asarray(away, np.float32)


def _disc(reach: int) -> NDArray[np.uint8]:
    size = (2 * reach + 1, 2 * reach + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)
