"""Which pixels are a hand, and the arm that it is on.

The points of a hand and how thick fingers are say roughly where it is. Its edges are then settled
by colours, of the hand and of what is around it, and by neighbours that tend to agree (as in
`masquerade.faces.occlusion.agree`). The arm is looked for behind the wrist: two edges that run
beside each other, as far apart as those of an arm, bare or in a sleeve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.arm_edges import arm_of
from masquerade.bodies.hands import FINGERS, WRIST, Hand
from masquerade.types import RGB, Mask, PixelBox, Points

_LENGTH_PX: Final = 64.0  # of a palm, wrist to the root of a finger, where edges are settled
_AROUND: Final = 1.2  # lengths of a palm around the points that are looked at
_ARM: Final = 3.2  # the same around the wrist
_PALM: Final = (0, 1, 5, 9, 13, 17)
_PALM_EDGE: Final = 0.10  # lengths that a palm reaches beyond these points
_ARM_EDGE: Final = 0.12
_WIDTHS: Final = (
    (0.135, 0.115, 0.10, 0.09),
    (0.11, 0.10, 0.088, 0.078),
    (0.11, 0.102, 0.09, 0.08),
    (0.105, 0.095, 0.085, 0.075),
    (0.095, 0.085, 0.075, 0.068),
)  # half widths of fingers at their points, in lengths of a palm
_IN_PALMS: Final = (
    (0, 9, 1.0), (0, 5, 1.0), (0, 13, 1.07), (5, 17, 1.5), (1, 2, 1.95), (5, 6, 2.2), (9, 10, 2.0),
    (10, 11, 3.2),
)  # fmt: skip
"""Distances in a hand, and how many times each a palm is long."""
_INSIDE: Final = 0.5  # half widths beyond a finger's usual edge, at which both are as likely
_STEEP: Final = 1.5  # log odds for half a width
_MOST: Final = (-6.0, 5.0)
_BESIDE: Final = (-3.0, -3.5)  # half widths: what may be the hand, and whose colours are asked
_COLOUR: Final = 1.6
_TOGETHER: Final = 5.0
_REACH: Final = 1.6
_ROUNDS: Final = 6
_BINS: Final = 24
_RARE: Final = 2e-4
_GROWN: Final = 0.02  # lengths of a palm, by which a mask is wider than what was found

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _View:
    """What is around a hand, at the size at which edges are settled.

    Attributes:
        lab: (h, w, 3) CIE Lab.
        points: (21, 2) in its pixels.
        length_px: Of the palm.
        box: Where it lies in the picture.
    """

    lab: Floats
    points: Points
    length_px: float
    box: PixelBox


def palm_px(hand: Hand) -> float:
    """Length of a hand's palm, wrist to the root of the middle finger, as if seen from straight on.

    Args:
        hand: Of a picture, in whose pixels it is told.
    """
    points = hand.points
    told = [float(np.linalg.norm(points[a] - points[b])) * times for a, b, times in _IN_PALMS]
    return float(np.median(told))


def hand_mask(picture: RGB, hand: Hand) -> tuple[Mask, PixelBox]:
    """(h, w) in [0, 1] what is the hand and its arm, and the part of the picture that is told of.

    Args:
        picture: (H, W, 3) uint8 RGB.
        hand: In it.
    """
    view = _view(picture, hand)
    x0, y0, x1, y1 = view.box
    if x1 - x0 < 2 or y1 - y0 < 2:
        return np.zeros((max(y1 - y0, 0), max(x1 - x0, 0)), np.float32), view.box
    inside = _inside(view)
    arm = arm_of(view.lab, view.points, view.length_px)
    if arm is not None:
        inside = np.maximum(inside, _within(arm, inside.shape, _ARM_EDGE * view.length_px))
    found = _settled(view.lab, inside)
    wide = cv2.resize(found, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    grown = _GROWN * palm_px(hand)
    soft = cv2.GaussianBlur(wide, (0, 0), max(grown, 0.5))
    return np.asarray(np.clip((soft - 0.2) * 2.5, 0, 1), np.float32), view.box


def _view(picture: RGB, hand: Hand) -> _View:
    height, width = picture.shape[:2]
    length, flat = palm_px(hand), hand.points[:, :2]
    wrist = flat[WRIST]
    low = np.minimum(flat.min(axis=0) - _AROUND * length, wrist - _ARM * length)
    high = np.maximum(flat.max(axis=0) + _AROUND * length, wrist + _ARM * length)
    x0, y0 = np.clip(np.floor(low), 0, (width, height)).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(high), 0, (width, height)).astype(int).tolist()
    scale = min(1.0, _LENGTH_PX / max(length, 1.0))
    size = max(round((x1 - x0) * scale), 1), max(round((y1 - y0) * scale), 1)
    part = picture[y0:y1, x0:x1]
    if not part.size:
        return _View(np.zeros((1, 1, 3), np.float32), flat, length, (x0, y0, x1, y1))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    times = np.array([size[0] / (x1 - x0), size[1] / (y1 - y0)], np.float32)
    points = (flat - np.array([x0, y0], np.float32)) * times
    return _View(np.asarray(lab, np.float32), points, length * scale, (x0, y0, x1, y1))


def _inside(view: _View) -> Floats:
    """(h, w) how far inside the usual outline of a hand, in half widths of what is nearest."""
    shape = view.lab.shape[:2]
    rows, columns = np.indices(shape, np.float32)
    inside = _within(
        cv2.convexHull(view.points[list(_PALM)])[:, 0], shape, _PALM_EDGE * view.length_px
    )
    for finger, widths in zip(FINGERS, _WIDTHS, strict=True):
        for n in range(3):
            a, b = view.points[finger[n]], view.points[finger[n + 1]]
            along = b - a
            least = max(float(along @ along), 1e-6)
            share = ((columns - a[0]) * along[0] + (rows - a[1]) * along[1]) / least
            share = np.clip(share, 0, 1)
            away = np.hypot(columns - a[0] - share * along[0], rows - a[1] - share * along[1])
            wide = (widths[n] + (widths[n + 1] - widths[n]) * share) * view.length_px
            inside = np.maximum(inside, 1 - away / wide)
    return np.asarray(inside, np.float32)


def _within(outline: NDArray[Any], shape_hw: tuple[int, ...], edge_px: float) -> Floats:
    """(h, w) 1 inside an outline, 0 at `edge_px` beyond it, less farther away."""
    filled = np.ones((shape_hw[0], shape_hw[1]), np.uint8)
    cv2.fillPoly(filled, [np.rint(outline).astype(np.int32)], 0)
    away = cv2.distanceTransform(filled, cv2.DIST_L2, 3)
    return np.asarray(1 - away / np.float32(edge_px), np.float32)


def _settled(lab: Floats, inside: Floats) -> Floats:
    """(h, w) in [0, 1] what is the hand."""
    own = np.clip(_STEEP * (inside + _INSIDE), *_MOST)
    near, asked = inside > _BESIDE[0], inside > _BESIDE[1]
    at = np.clip((lab + np.array([0, 40, 40])) * (_BINS / 100), 0, _BINS - 1).astype(np.int32)
    flat = (at[..., 0] * _BINS + at[..., 1]) * _BINS + at[..., 2]
    found = _probability(own)
    for _ in range(_ROUNDS):
        hand = _histogram(flat, found * (found > 0.5))
        rest = _histogram(flat, (1 - found) * (found < 0.5) * asked)
        colours = np.clip(np.log((hand + _RARE) / (rest + _RARE)), -3, 3).ravel()[flat]
        around = cv2.GaussianBlur(found, (0, 0), _REACH)
        odds = own + _COLOUR * colours + _TOGETHER * (around - np.float32(0.5))
        found = _probability(odds) * near
    return np.asarray(found, np.float32)


def _probability(odds: NDArray[np.floating]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -20, 20))), np.float32)


def _histogram(flat: NDArray[np.int32], weights: Floats) -> Floats:
    counts = np.bincount(flat.ravel(), weights.ravel(), _BINS**3).astype(np.float32)
    table = counts.reshape(_BINS, _BINS, _BINS)
    for axis in range(3):
        turned = np.moveaxis(table, axis, 0)
        soft = turned.copy()
        soft[1:] += np.float32(0.6) * turned[:-1]
        soft[:-1] += np.float32(0.6) * turned[1:]
        table = np.moveaxis(soft, 0, axis)
    return np.asarray(table / max(float(table.sum()), 1.0), np.float32)
