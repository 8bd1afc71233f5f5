"""What somebody wears, by which they are told again after they were out of sight.

Colours of upper body, thighs, shins and arms as histograms of chroma and, more coarsely, brightness
(Swain and Ballard, "Color indexing", IJCV 1991), compared by the Bhattacharyya coefficient. Two
people dressed alike are not told apart by it: where a face can be measured, the face decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.pose import Body
from masquerade.bodies.skeleton import BONES, NUMBER, Skeleton, skeleton_of
from masquerade.types import RGB

Floats = NDArray[np.float32]

ALIKE: Final = 0.6
"""From which two moments show one outfit: the two people of media/body stay above .69 to what they
wore up to then, and below .51 to each other."""

_PARTS: Final = (
    ("torso",),
    ("left thigh", "right thigh"),
    ("left shin", "right shin"),
    ("left upper arm", "right upper arm"),
)
_SHARES: Final = np.array([3, 2, 1, 1], np.float32)  # how much of a person each part shows
_BINS: Final = (10, 17, 17)  # of brightness and both chroma axes in CIE Lab
_CHROMA: Final = 32.0  # chroma beyond which colours are not told apart
_ALONG, _ACROSS = 12, 5  # places on a limb that are looked at
_TORSO_WIDE: Final = 0.7  # of the torso's width and length, looked at: arms hang beside it
_WITHIN: Final = 0.4  # of a limb's thickness
_SOFT: Final = 0.8  # bins over which a colour is spread, so that light may change a little
_LEAST_SEEN: Final = 0.4  # of a bone, from which it is looked at
_SLOW: Final = 0.05  # share of a new look that is taken up


@dataclass(frozen=True, slots=True)
class Outfit:
    """Colours of one person in one picture, or over some time.

    Attributes:
        colours: (4, n) float32 for each part, shares of its colours, sum 1; 0 where it is not seen.
        torso_px: Length of the torso.
    """

    colours: Floats
    torso_px: float

    def taken_up(self, other: Outfit) -> Outfit:
        """The same, a little more like a newer look."""
        seen = (other.colours.sum(axis=1) > 0)[:, None]
        known = (self.colours.sum(axis=1) > 0)[:, None]
        mixed = np.where(known, (1 - _SLOW) * self.colours + _SLOW * other.colours, other.colours)
        return Outfit(np.where(seen, mixed, self.colours), other.torso_px)


def outfit_of(picture: RGB, body: Body) -> Outfit:
    """What a person wears in a picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: The person.
    """
    bones = skeleton_of(body)
    rows = []
    for names in _PARTS:
        numbers = [n for n in map(NUMBER.__getitem__, names) if bones.seen[n] > _LEAST_SEEN]
        places = [_places(bones, number) for number in numbers]
        rows.append(_histogram(picture, places))
    return Outfit(np.stack(rows), bones.torso_px)


def alike(one: Outfit, other: Outfit) -> float:
    """How alike two outfits are, in [0, 1]; 0 where no part is seen in both."""
    shares = _SHARES * (one.colours.sum(axis=1) > 0) * (other.colours.sum(axis=1) > 0)
    if not shares.any():
        return 0.0
    common = np.sqrt(one.colours * other.colours).sum(axis=1)
    return float((shares * common).sum() / shares.sum())


def _places(bones: Skeleton, number: int) -> Floats:
    """(n, 2) places on a bone, in pixels."""
    along, across = np.meshgrid(np.linspace(0, 1, _ALONG), np.linspace(-1, 1, _ACROSS))
    if number == NUMBER["torso"]:
        left, right, low_left, low_right = bones.corners
        u, v = 0.5 + 0.5 * _TORSO_WIDE * across, 0.5 + _TORSO_WIDE * (along - 0.5)
        u, v = u.ravel()[:, None], v.ravel()[:, None]
        top, low = right + (left - right) * u, low_right + (low_left - low_right) * u
        return np.asarray(top + (low - top) * v, np.float32)
    start, end = bones.segments[number]
    way = end - start
    normal = np.array([-way[1], way[0]], np.float32) / max(float(np.linalg.norm(way)), 1e-3)
    wide = _WITHIN * BONES[number].radius * bones.torso_px
    share = (0.15 + 0.7 * along).ravel()[:, None]
    return np.asarray(start + way * share + normal * wide * across.ravel()[:, None], np.float32)


def _histogram(picture: RGB, places: list[Floats]) -> Floats:
    """(n,) shares of the colours at places, those outside the picture left out."""
    empty = np.zeros(int(np.prod(_BINS)), np.float32)
    if not places:
        return empty
    xy = np.rint(np.concatenate(places)).astype(int)
    height, width = picture.shape[:2]
    inside = (xy[:, 0] >= 0) & (xy[:, 1] >= 0) & (xy[:, 0] < width) & (xy[:, 1] < height)
    if inside.sum() < _ALONG:
        return empty
    seen = picture[xy[inside, 1], xy[inside, 0]].astype(np.float32) / np.float32(255)
    lab = cv2.cvtColor(seen[None], cv2.COLOR_RGB2LAB)[0]
    bright = lab[:, :1] / 100
    chroma = np.clip(lab[:, 1:] / _CHROMA, -1, 1) / 2 + 0.5
    at = np.concatenate([bright, chroma], axis=1) * (np.array(_BINS) - 1)
    cells = np.zeros(_BINS, np.float32)
    near = np.rint(at).astype(int)
    np.add.at(cells, (near[:, 0], near[:, 1], near[:, 2]), 1)
    for axis in range(3):
        cells = _spread(cells, axis)
    return np.asarray(cells.ravel() / cells.sum(), np.float32)


def _spread(cells: Floats, axis: int) -> Floats:
    """The same, each cell shared with its neighbours along an axis."""
    moved = np.moveaxis(cells, axis, 0)
    side = np.exp(-0.5 / _SOFT**2)
    out = moved.copy()
    out[1:] += side * moved[:-1]
    out[:-1] += side * moved[1:]
    return np.asarray(np.moveaxis(out, 0, axis), np.float32)
