"""What a person usually looks like at each place of each bone, over many pictures of them.

Seen from its bone, a trouser leg looks much the same whatever the leg does, and a ball before it
does not. So each picture is looked up along and across every bone, and the median of all of them
(Wexler, Shechtman and Irani, "Space-time completion of video", 2007, take it along motion) tells
what belongs there, and stands in for it where something hides it. That holds where something is in
every picture, if not always in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.cutout import spread_colours
from masquerade.bodies.figure import Shown
from masquerade.bodies.held import solid_of
from masquerade.bodies.puppet import labels_of, scaled
from masquerade.bodies.skeleton import BONES, Layer, Skeleton
from masquerade.types import RGB, Mask

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

FEWEST: Final = 8  # pictures, from which it is told what is usual
_CELLS: Final = (36, 28)  # along a bone and across it
_ALONG: Final = (-0.4, 1.4)  # of its length, from where to where they lie
_ACROSS: Final = 1.9  # of its thickness, how far to both sides
_FINE_PX: Final = 64.0  # of a torso, at which pictures are compared
_SURE: Final = 0.6  # of a matte, from which a pixel is learned from
_THERE: Final = 0.1  # of a matte, from which something is shown
_LEAST: Final = 0.3  # of the pictures, in which the person is at a place that is theirs
_OWN: Final = 0.5  # of them, from which a place that is hidden is painted as theirs
_LIGHT: Final = 0.7  # of a difference in brightness counts: it is light's as well as theirs
_FAR: Final = 14.0  # of Lab, by which a place differs by light and folds
_SPREAD: Final = 2.0  # of a place's usual differences, that must be exceeded as well
_FURTHEST: Final = 26.0  # of Lab, that is another colour whatever is usual
_FAINT: Final = 0.6  # of what tells a thing, that tells its shaded side, next to it
_GROW: Final = 0.05  # torsos by which what is taken out reaches further: its blurred edge
_CORE: Final = 0.5  # of a limb's thickness, how far from its bone it is always there
_PASSES: Final = 2  # of learning, each from pictures that the one before cleared
_APART: Final = 25  # steps of 255 by which a thing differs from the place behind
_NEAR: Final = 2  # cells around a place whose colours it may have too
_STILL: Final = ("head",)  # bones that nothing is taken from: faces and hair stay as pictured


@dataclass(frozen=True, slots=True)
class Usual:
    """What is seen of a person at each place of each bone.

    Attributes:
        lab: (14, 36, 28, 3) float32 the median colour, in CIE Lab.
        spread: (14, 36, 28) float32 the median distance from it.
        there: (14, 36, 28) float32 in [0, 1] in how many pictures the person is there.
        known: (14, 36, 28) bool whether enough pictures tell.
    """

    lab: Floats
    spread: Floats
    there: Floats
    known: Flags


def usual_of(moments: Sequence[Shown]) -> Usual | None:
    """What is usual of a person over pictures of them; None where there are too few.

    Args:
        moments: Not mirrored.
    """
    if len(moments) < FEWEST:
        return None
    small = [_small(one) for one in moments]
    usual = _learned(small)
    for _ in range(_PASSES - 1):
        usual = _learned([cleared(one, usual)[0] for one in small])
    return usual


def _learned(moments: Sequence[Shown]) -> Usual:
    """What is usual over small pictures, taken as they are."""
    shape = len(BONES), *_CELLS
    lab = np.full((len(moments), *shape, 3), np.nan, np.float32)
    there = np.full((len(moments), *shape), np.nan, np.float32)
    for number, small in enumerate(moments):
        colours, nearest = _lab(small.pixels), labels_of(small.skeleton, small.mask.shape)
        for bone in range(len(BONES)):
            at = _points(bone, small.skeleton)
            own = _looked_up((nearest == bone).astype(np.float32), at) > 0.5
            matte = _looked_up(small.matte, at)
            there[number, bone] = np.where(own, matte, np.nan)
            sure = own & (matte > _SURE)
            lab[number, bone] = np.where(sure[..., None], _looked_up(colours, at), np.nan)
    seen = (~np.isnan(lab[..., 0])).sum(axis=0)
    known = seen >= max(FEWEST // 2, round(0.1 * len(moments)))
    usual = _median(lab)
    spread = _median(_apart(lab, usual[None]))
    looks = np.maximum((~np.isnan(there)).sum(axis=0), 1)
    share = np.asarray(np.nansum(there, axis=0) / looks, np.float32)
    return Usual(usual, spread, share, known & (share > _LEAST))


def cleared(shown: Shown, usual: Usual) -> tuple[Shown, float]:
    """A picture without what is not the person, and how many square torsos that was.

    What was hidden is painted as it usually looks; where the person usually is not, nothing stays.

    Args:
        shown: A picture of them.
        usual: What is usual of them.
    """
    small = _small(shown)
    strange = _strange(small, usual)
    torso = small.skeleton.torso_px
    area = float(strange.sum()) / torso**2
    if not area:
        return shown, 0.0
    reach = max(round(_GROW * torso), 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    wide = cv2.dilate(strange.astype(np.uint8), np.asarray(disc, np.uint8))
    size = shown.mask.shape[1], shown.mask.shape[0]
    out = cv2.resize(wide.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    out = np.asarray(cv2.GaussianBlur(out, (0, 0), 1.0), np.float32)
    colours, own = _whole(small, wide > 0, *_painted(small, usual))
    colours = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    own = np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_LINEAR), np.float32)
    share = out[..., None]
    pixels = np.rint(shown.pixels * (1 - share) + colours * share).astype(np.uint8)
    mask = np.rint(shown.mask * (1 - out) + 255 * own * out).astype(np.uint8)
    return replace(shown, pixels=pixels, mask=mask), area


def things(picture: RGB, place: RGB, bones: Skeleton, mask: Mask, usual: Usual) -> Mask:
    """(H, W) float32 in [0, 1] what is before a person and none of them.

    Args:
        picture: (H, W, 3) uint8 RGB.
        place: (H, W, 3) uint8 RGB what lies behind.
        bones: In the picture.
        mask: (H, W) float32 in [0, 1] what the network takes for the person.
        usual: What is usual of them.
    """
    whole = Shown(picture, np.rint(mask * 255).astype(np.uint8), bones)
    strange = _strange(_small(whole), usual).astype(np.float32)
    if not strange.any():
        return np.zeros_like(mask)
    full = cv2.resize(strange, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    differs = cv2.absdiff(picture, place).max(axis=2) > _APART
    parts = ((full > 0.5) & differs).astype(np.uint8)
    outlines, _ = cv2.findContours(parts, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole_parts = cv2.drawContours(parts, outlines, -1, 1, -1)  # a dark spot on a ball is its own
    soft = cv2.GaussianBlur(whole_parts.astype(np.float32), (0, 0), 1.5)
    return np.asarray(soft, np.float32)


def _strange(small: Shown, usual: Usual) -> Flags:
    """(h, w) what looks otherwise than the person does there, where it is large enough."""
    colours, far = _lab(small.pixels), np.zeros(small.mask.shape, np.float32)
    nearest, there = labels_of(small.skeleton, small.mask.shape), small.matte > _THERE
    at_hand = np.zeros(there.shape, np.bool_)
    for bone, row, column, where in _cells(small.skeleton, nearest, there):
        least = np.full(len(row), np.inf, np.float32)
        for down, side in _around():
            r = np.clip(row + down, 0, _CELLS[0] - 1)
            inner = column if side is None else np.full_like(column, side)
            c = np.clip(inner, 0, _CELLS[1] - 1)
            apart = _apart(colours[where], usual.lab[bone, r, c])
            apart = apart / np.minimum(_FAR + _SPREAD * usual.spread[bone, r, c], _FURTHEST)
            least = np.minimum(least, np.where(usual.known[bone, r, c], apart, np.inf))
        far[where] = np.where(np.isinf(least), 0, least)
        if BONES[bone].name.endswith("hand"):
            at_hand[where] = True
    torso_px = small.skeleton.torso_px
    sure = solid_of((far > 1) & there, at_hand, torso_px) > 0
    _, parts = cv2.connectedComponents(((far > _FAINT) & there | sure).astype(np.uint8))
    wide = np.isin(parts, np.unique(parts[sure])) & (parts > 0)
    return np.asarray((solid_of(wide, at_hand, torso_px) > 0) | sure, np.bool_)


def _around() -> Iterator[tuple[int, int | None]]:
    """Steps along a bone, and columns, at which a pixel's colour may be usual too."""
    for down in (-_NEAR, 0, _NEAR):
        yield down, None
        for side in (-4, 0, 4):
            yield down, _CELLS[1] // 2 + side


def _whole(
    small: Shown, gone: Flags, colours: RGB, own: Floats, known: Flags
) -> tuple[RGB, Floats]:
    """The same without holes: what lies on a limb's bone, or amid the person, is the person."""
    limbs = np.zeros(own.shape, np.uint8)
    for bone, (start, end) in zip(BONES, small.skeleton.segments, strict=True):
        if bone.layer is not Layer.TORSO:
            wide = max(round(2 * _CORE * bone.radius * small.skeleton.torso_px), 1)
            ends = [np.rint(one).astype(int).tolist() for one in (start, end)]
            cv2.line(limbs, ends[0], ends[1], 1, wide)
    there = np.where(gone, np.maximum(own, limbs), small.matte) > 0.5
    outlines, _ = cv2.findContours(there.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    solid = cv2.drawContours(np.zeros_like(limbs), outlines, -1, 1, -1) > 0
    sure = there & ~(gone & ~known)
    if sure.any():
        colours = np.where((gone & ~known)[..., None], spread_colours(colours, sure), colours)
    return colours, np.where(gone & solid, np.maximum(own, solid), own).astype(np.float32)


def _painted(small: Shown, usual: Usual) -> tuple[RGB, Floats, Flags]:
    """(h, w, 3) uint8 RGB what is usually seen at each pixel, (h, w) how surely the person, and
    (h, w) where that is known.
    """
    lab = _lab(small.pixels)
    own, sure = np.zeros(small.mask.shape, np.float32), np.zeros(small.mask.shape, np.bool_)
    everywhere = np.ones(own.shape, np.bool_)
    nearest = labels_of(small.skeleton, small.mask.shape)
    for bone, row, column, where in _cells(small.skeleton, nearest, everywhere):
        known = usual.known[bone, row, column]
        share = (usual.there[bone, row, column] - _LEAST) / (2 * (_OWN - _LEAST))
        own[where], sure[where] = np.where(known, np.clip(share, 0, 1), 0), known
        lab[where] = np.where(known[:, None], usual.lab[bone, row, column], lab[where])
    rgb = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * 255
    soft = cv2.GaussianBlur(rgb, (0, 0), 1.0)
    near = np.asarray(cv2.GaussianBlur(own, (0, 0), 0.8), np.float32)
    return np.rint(soft).astype(np.uint8), near, sure


def _cells(
    bones: Skeleton, nearest: NDArray[np.intp], there: Flags
) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.intp], Flags]]:
    """By bone, the row and column of the cell of each pixel that is its own, and which they are."""
    for bone in range(len(BONES)):
        if BONES[bone].name in _STILL:
            continue
        where = (nearest == bone) & there
        ys, xs = np.nonzero(where)
        if not len(ys):
            continue
        start, way, normal, thick = _axes(bone, bones)
        away = np.stack([xs, ys], axis=1).astype(np.float32) - start
        along = away @ way / np.float32(max(float(way @ way), 1e-6))
        across = away @ normal / thick
        row = (along - _ALONG[0]) / (_ALONG[1] - _ALONG[0]) * _CELLS[0] - 0.5
        column = (across / _ACROSS + 1) / 2 * _CELLS[1] - 0.5
        yield (
            bone,
            np.clip(np.rint(row), 0, _CELLS[0] - 1).astype(np.intp),
            np.clip(np.rint(column), 0, _CELLS[1] - 1).astype(np.intp),
            where,
        )


def _points(bone: int, bones: Skeleton) -> Floats:
    """(36, 28, 2) where the cells of a bone lie in a picture."""
    start, way, normal, thick = _axes(bone, bones)
    rows = (np.arange(_CELLS[0], dtype=np.float32) + 0.5) / _CELLS[0]
    columns = (np.arange(_CELLS[1], dtype=np.float32) + 0.5) / _CELLS[1]
    along = _ALONG[0] + rows * np.float32(_ALONG[1] - _ALONG[0])
    across = (columns * 2 - 1) * np.float32(_ACROSS * thick)
    where = start + along[:, None, None] * way + across[None, :, None] * normal
    return np.asarray(where, np.float32)


def _axes(bone: int, bones: Skeleton) -> tuple[Floats, Floats, Floats, float]:
    """Where a bone begins, the way to its end, the way across it, and its thickness."""
    start, end = bones.segments[bone]
    way = end - start
    unit = way / np.float32(max(float(np.linalg.norm(way)), 1e-6))
    thick = BONES[bone].radius * bones.torso_px
    return start, way, np.array([-unit[1], unit[0]], np.float32), thick


def _small(shown: Shown) -> Shown:
    """The picture no finer than is compared."""
    factor = min(1.0, _FINE_PX / shown.skeleton.torso_px)
    pixels, matte, bones = scaled(shown.pixels, shown.matte, shown.skeleton, factor)
    return Shown(pixels, np.rint(matte * 255).astype(np.uint8), bones)


def _looked_up(picture: Floats, at: Floats) -> Floats:
    xs, ys = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
    return np.asarray(
        cv2.remap(picture, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.float32
    )


def _lab(picture: RGB) -> Floats:
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    return np.asarray(lab, np.float32)


def _apart(one: Floats, other: Floats) -> Floats:
    """(...) how far colours are apart."""
    away = (one - other) * np.array([_LIGHT, 1, 1], np.float32)
    return np.asarray(np.sqrt((away * away).sum(axis=-1)), np.float32)


def _median(values: Floats) -> Floats:
    """The median over the first axis of what is known; 0 where nothing is."""
    order = np.sort(values, axis=0)  # what is not known goes last
    count = (~np.isnan(values)).sum(axis=0)
    middle = np.take_along_axis(order, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    return np.asarray(np.where(count > 0, middle, 0), np.float32)
