"""Things that a person holds or that pass before them: colours their body does not have there.

What lies near each bone is seen in many pictures of a shot. A colour that is there in a good part
of them is the person's own; one that comes and goes is of a thing. Things of the colour of what
they pass before are not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.skeleton import BONES, Skeleton
from masquerade.types import RGB, Mask

Floats = NDArray[np.float32]
Cells = NDArray[np.bool_]

KINDS: Final = ("torso", "head", "upper arm", "forearm", "hand", "thigh", "shin", "foot")
"""Bones of both sides share their colours."""

_BINS: Final = (12, 24, 24)  # of brightness and both chroma axes in CIE Lab
_CHROMA: Final = 48.0  # chroma beyond which colours are not told apart
_NEAR: Final = 1.1  # thicknesses of a bone, within which it is learned what is there
_REACH: Final = 1.9  # of them, within which a bone's colours are taken for the person's own
_SURE: Final = 0.6  # of a mask, from which a pixel is learned from
_THERE: Final = 0.1  # of a mask, from which a thing may be before the person
_SHARE: Final = 0.004  # of a bone's pixels in a picture, from which a colour is there
_OFTEN: Final = 0.6  # of the pictures, from which it is the person's own
_BARE: Final = ("head", "upper arm", "forearm", "hand")
_OFTEN_BARE: Final = 0.2  # of the pictures, for skin, on which the light plays
_FEWEST: Final = 6  # pictures that something can be learned from
_SHRUNK: Final = 2  # times smaller than the frame, the pictures that are looked at
_THIN: Final = 0.035  # torsos: what is thinner is a fold or an edge, and no thing
_LEAST: Final = 0.27  # torsos that a thing measures across, as the root of its area
_LEAST_HELD: Final = 0.16  # the same of a thing at a hand; less than that is a badge or a buckle
_AT_HAND: Final = 1.2  # thicknesses of a hand from it, within which a thing is held
_ROUND: Final = 0.85  # of its hull, that a thing of one piece fills
_APART: Final = 25  # steps of 255 by which a thing differs from the place behind


@dataclass(frozen=True, slots=True)
class Palette:
    """A person's own colours.

    Attributes:
        own: (8, 6912) bool by kind of bone and cell of colour.
    """

    own: Cells


def palette_of(looks: Iterable[tuple[RGB, Skeleton, Mask]]) -> Palette | None:
    """The colours near each bone that are there in a good part of some pictures.

    Args:
        looks: (H, W, 3) uint8 RGB, the bones in it, and (H, W) float32 in [0, 1] what the network
            takes for the person.

    Returns:
        None where there are too few pictures.
    """
    cells = int(np.prod(_BINS))
    often, seen, count = np.zeros((len(KINDS), cells)), np.zeros(len(KINDS)), 0
    for picture, bones, mask in looks:
        away = _away(bones, (picture.shape[0], picture.shape[1]))
        here, sure = _cells(picture), _small(mask) > _SURE
        count += 1
        nearest = np.argmin(away, axis=0)
        for kind in range(len(KINDS)):
            inside = here[(nearest == kind) & (away[kind] < _NEAR) & sure]
            if inside.size:
                shares = np.bincount(inside, minlength=cells) / inside.size
                often[kind] += shares > _SHARE
                seen[kind] += 1
    if count < _FEWEST:
        return None
    bare = [KINDS.index(name) for name in _BARE]
    least = np.full(len(KINDS), _OFTEN)
    least[bare] = _OFTEN_BARE
    own = often >= np.maximum(least * seen, 1)[:, None]
    own[bare] = own[bare].any(axis=0)
    grown = [_grown(one.reshape(_BINS)).ravel() for one in own]
    return Palette(np.stack(grown))


def things(picture: RGB, place: RGB, bones: Skeleton, mask: Mask, palette: Palette) -> Mask:
    """(H, W) float32 in [0, 1] what is before a person and none of them.

    Args:
        picture: (H, W, 3) uint8 RGB.
        place: (H, W, 3) uint8 RGB what lies behind.
        bones: In the picture.
        mask: (H, W) float32 in [0, 1] what the network takes for the person.
        palette: Their own colours.
    """
    away = _away(bones, (picture.shape[0], picture.shape[1]))
    here = _cells(picture)
    own = np.zeros(here.shape, np.bool_)
    for kind in range(len(KINDS)):
        own |= (away[kind] < _REACH) & palette.own[kind][here]
    differs = _small(cv2.absdiff(picture, place)).max(axis=2) > _APART
    other = (away.min(axis=0) < _REACH) & (_small(mask) > _THERE) & differs & ~own
    at_hand = away[KINDS.index("hand")] < _AT_HAND
    solid = _solid(other, at_hand, bones.torso_px / _SHRUNK)
    soft = cv2.GaussianBlur(solid, (0, 0), 0.8)
    full = cv2.resize(soft, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32) / np.float32(255)


def _solid(other: Cells, at_hand: Cells, torso_px: float) -> NDArray[np.uint8]:
    """(h, w) 255 where there are things large enough, their gaps filled."""
    thin = max(round(_THIN * torso_px), 1)
    disc = np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thin + 1, 2 * thin + 1)), np.uint8
    )
    near = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_CLOSE, disc)
    near = cv2.morphologyEx(near, cv2.MORPH_OPEN, disc)
    outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out = np.zeros(other.shape, np.uint8)
    for outline in outlines:
        hull = cv2.convexHull(outline)
        across = float(np.sqrt(cv2.contourArea(outline))) / torso_px
        round_ = cv2.contourArea(outline) > _ROUND * cv2.contourArea(hull)
        shape = hull if round_ else outline  # a ball and the shoe under it are no one thing
        blank = cv2.drawContours(np.zeros_like(out), [shape], -1, 255, -1)
        held = across >= _LEAST_HELD and bool((at_hand & (blank > 0)).any())
        if held or across >= _LEAST:
            out |= np.asarray(blank, np.uint8)
    return out


def _away(bones: Skeleton, shape_hw: tuple[int, int]) -> Floats:
    """(8, h, w) how far the nearest bone of each kind is, for its thickness; shrunk."""
    size = -(-shape_hw[0] // _SHRUNK), -(-shape_hw[1] // _SHRUNK)
    out = np.full((len(KINDS), *size), np.inf, np.float32)
    for number, bone in enumerate(BONES):
        start, end = bones.segments[number] / np.float32(_SHRUNK)
        blank = np.ones(size, np.uint8)
        points = [(round(float(x)), round(float(y))) for x, y in (start, end)]
        cv2.line(blank, points[0], points[1], 0, 1)
        if blank.all():
            continue
        px = cv2.distanceTransform(blank, cv2.DIST_L2, 3)
        kind = KINDS.index(bone.name.removeprefix("left ").removeprefix("right "))
        thick = max(bone.radius * bones.torso_px / _SHRUNK, 1.0)
        out[kind] = np.minimum(out[kind], px / np.float32(thick))
    return out


def _cells(picture: RGB) -> NDArray[np.intp]:
    """(h, w) the cell of each pixel's colour; shrunk."""
    lab = cv2.cvtColor(_small(picture).astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    chroma = np.clip(lab[..., 1:] / _CHROMA, -1, 1) / 2 + 0.5
    at = np.concatenate([lab[..., :1] / 100, chroma], axis=2) * (np.array(_BINS) - 1)
    bright, green, blue = np.moveaxis(np.rint(at).astype(np.intp), -1, 0)
    return np.asarray((bright * _BINS[1] + green) * _BINS[2] + blue, np.intp)


def _grown(cells: Cells) -> Cells:
    """The cells and those next to them: light changes a little."""
    out = cells.copy()
    for axis in range(3):
        now = np.moveaxis(out, axis, 0)
        before = now.copy()
        now[1:] |= before[:-1]
        now[:-1] |= before[1:]
    return out


def _small(picture: NDArray[Any]) -> NDArray[Any]:
    size = -(-picture.shape[1] // _SHRUNK), -(-picture.shape[0] // _SHRUNK)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
