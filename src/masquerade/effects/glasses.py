"""Spectacles that somebody wears, which lie in front of the face and do not bend with it.

No skin shows a thin, sharp line across the root of the nose: where there is one, and lines below
both eyes or a strong one, spectacles are worn. What hangs together with these lines, as thin and as
far from the skin around it, is their frame. Skin is painted in below it (Telea, "An image
inpainting technique based on the fast marching method", 2004), effects are laid on that, and the
frame is put back on top. Where closed rims are found around both eyes, nothing but they, the bridge
and the pieces to the temples is taken for the frame, neither brows nor lashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.lens_rims import Rims, lens_rims
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of
from masquerade.faces.mesh import LEFT_EYE, OVAL, RIGHT_EYE
from masquerade.types import Box, Mask

_UNIT_PX: Final = 160.0  # a unit on the map on which frames are looked for
_SIZE: Final = (288, 200)  # of that map
_EYES_AT: Final = (144.0, 80.0)  # where on it the middle between the eyes lies
_THIN_PX: Final = 19  # wider than a rim
_BRIDGE: Final = 20.0  # levels of lightness between skin and a bridge that surely is one
_BOTH: Final = ((14.5, 18.0), (10.5, 22.0))  # bridges, and lines below both eyes, that tell too
_SHARE: Final = 0.5  # of the strength of bridge and rims, which all of the frame has
_STRENGTH: Final = (7.0, 20.0)  # within which that is held
_OPEN_EYE: Final = 0.06  # units around an open eye in which there are lashes, and no frame
_WEAKER: Final = 0.6  # of that strength, which has what the other side shows too
_ASKEW_PX: Final = 12  # by which spectacles sit beside the middle of the face, at most
_BESIDE_PX: Final = 7  # around the other side's frame
_GAP_PX: Final = 7  # which reflections leave in a frame
_LENS: Final = (0.4, -0.32, 0.37)  # units: a lens from the middle of its eye, aside, up and down
_NOSE: Final = (0.12, -0.3, 0.18)  # the bridge from the middle between the eyes, likewise
_TEMPLE: Final = (-0.25, 0.12)  # units above and below the eyes, where temple pieces lie
_WIDE: Final = 0.16  # units that a rim below an eye is wide, at least
_LEAST: Final = 0.25  # of the distance of the eyes, which a frame goes beyond on both sides
_MOST: Final = (12.0, 40.0)  # levels, above which a rim's line counts no more
_LASHES_PX: Final = 13  # around open eyes, where lashes are lines as rims are, which count
_LASHES: Final = 0.3  # that share of others
_BROADER_PX: Final = 5  # that a rim may be broader than its line
_RIM: Final = 0.007  # units that are taken along around the frame
_SOFT: Final = 0.006
_REACH: Final = 3.0  # pixels around from which skin is painted in

Floats = NDArray[np.float32]
Flat = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _View:
    """The eyes and what is around them, upright and of one size.

    Attributes:
        map_from_portrait: (2, 3).
        lines: (h, w) how much darker or lighter than what is above and below, or beside.
        level: (h, w) the same against what is above and below alone.
        light: (h, w) lightness.
        points: (478, 2) the mesh.
    """

    map_from_portrait: Flat
    lines: Floats
    level: Floats
    light: Floats
    points: Floats


def with_glasses_apart(portrait: Portrait, change: Callable[[Portrait], Portrait]) -> Portrait:
    """The portrait, changed below the spectacles that are worn; below none where none are.

    Args:
        portrait: The face.
        change: What is done to it.
    """
    frame = glasses_of(portrait)
    if frame is None:
        return change(portrait)
    bare = _without(portrait, frame)
    made = change(bare)
    pixels = made.pixels + frame[..., None] * (portrait.pixels.astype(np.float32) - made.pixels)
    same = (made.pixels == bare.pixels).all(axis=2, keepdims=True)
    return made.with_pixels(np.asarray(np.where(same, portrait.pixels, pixels), np.float32))


def without_glasses(portrait: Portrait) -> Portrait:
    """The portrait with skin where a frame of spectacles is."""
    frame = glasses_of(portrait)
    return portrait if frame is None else _without(portrait, frame)


def _without(portrait: Portrait, frame: Mask) -> Portrait:
    painted = cv2.inpaint(portrait.pixels, (frame > 0).astype(np.uint8), _REACH, cv2.INPAINT_TELEA)
    return replace(portrait, pixels=np.asarray(painted, np.uint8))


def glasses_of(portrait: Portrait) -> Mask | None:
    """(h, w) in [0, 1]: the frame of spectacles; None where none are seen.

    Rimless ones, and rims of the colour of the skin, are not seen.
    """
    view = _view(portrait)
    bridge, below = _evidence(view)
    told = any(bridge >= least and min(below) >= rims for least, rims in _BOTH)
    if bridge < _BRIDGE and not told:
        return None
    found = _frame(view, float(np.clip(_SHARE * min(bridge, max(below)), *_STRENGTH)))
    rims = _rims(view, float(np.clip(max(bridge, *below), *_MOST)))
    if rims is not None:
        found = _with_rims(view, found, rims)
    columns = np.flatnonzero(found.any(axis=0))
    reach = _LEAST * _UNIT_PX
    middle = _EYES_AT[0]
    if not len(columns) or columns[0] > middle - reach or columns[-1] < middle + reach:
        return None
    height, width = portrait.pixels.shape[:2]
    laid = cv2.warpAffine(
        found.astype(np.float32),
        view.map_from_portrait,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    wide = max(round(_RIM * portrait.unit), 1)
    grown = cv2.dilate((laid > 0.4).astype(np.float32), _disc(2 * wide + 1))
    return portrait.softened(np.asarray(grown, np.float32), _SOFT)


def _view(portrait: Portrait) -> _View:
    left, down = portrait.axes
    scale = _UNIT_PX / portrait.unit
    turn = np.stack([left, down]).astype(np.float64) * scale
    eyes = portrait.points[[33, 133, 362, 263]].mean(axis=0)
    moved = np.column_stack([turn, np.array(_EYES_AT) - turn @ eyes])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    seen = cv2.warpAffine(portrait.pixels, moved, _SIZE, flags=how, borderMode=cv2.BORDER_REPLICATE)
    grey = lab_of(np.asarray(seen, np.uint8))[..., 0]
    light = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8), np.float32)
    tall, wide = (np.ones(shape, np.uint8) for shape in ((_THIN_PX, 1), (1, _THIN_PX)))
    level = _line(light, tall)
    points = portrait.points @ turn.T.astype(np.float32) + moved[:, 2].astype(np.float32)
    lines = np.maximum(level, _line(light, wide))
    return _View(moved, lines, level, light, np.asarray(points, np.float32))


def _line(light: Floats, element: NDArray[np.uint8]) -> Floats:
    """(h, w) how far what is thinner than an element is from what is around it."""
    dark = cv2.morphologyEx(light, cv2.MORPH_CLOSE, element) - light
    bright = light - cv2.morphologyEx(light, cv2.MORPH_OPEN, element)
    return np.asarray(np.maximum(dark, bright), np.float32)


def _evidence(view: _View) -> tuple[float, tuple[float, float]]:
    """Strength of the line across the root of the nose, and of those below both eyes."""
    x, y = view.points[[168, 6]].mean(axis=0)
    bridge = _crossed(view.level, (x - 8, y - 22, x + 8, y + 26))
    below = []
    for corners, lid in (((33, 133), (145, 144, 153)), ((362, 263), (374, 373, 380))):
        x = view.points[list(corners), 0].mean()
        y = view.points[list(lid), 1].max()
        below.append(_crossed(view.level, (x - 27, y + 10, x + 27, y + 64)))
    return bridge, (below[0], below[1])


def _crossed(lines: Floats, box: Box) -> float:
    """How strong a line is that crosses most columns of a box."""
    x0, y0, x1, y1 = (max(round(float(edge)), 0) for edge in box)
    part = lines[y0:y1, x0:x1]
    return float(np.percentile(part.max(axis=0), 30)) if part.size else 0.0


def _frame(view: _View, least: float) -> NDArray[np.bool_]:
    """(h, w) what is as far from the skin as a frame, and hangs together with its bridge."""
    strong = (view.lines > least).astype(np.uint8)
    face, eyes = np.zeros_like(strong), np.zeros_like(strong)
    cv2.fillPoly(face, [np.rint(view.points[list(OVAL)]).astype(np.int32)], 1)
    for ring in (RIGHT_EYE, LEFT_EYE):
        cv2.fillPoly(eyes, [np.rint(view.points[list(ring)]).astype(np.int32)], 1)
    near, lashes = cv2.dilate(face, _disc(9)), _disc(2 * round(_OPEN_EYE * _UNIT_PX) + 1)
    able = (near > 0) & (cv2.dilate(eyes, lashes) == 0) & (_worn_at(view) > 0)
    joined = cv2.morphologyEx(strong * able.astype(np.uint8), cv2.MORPH_CLOSE, _disc(_GAP_PX))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    root = view.points[[168, 6]].mean(axis=0)
    (x0, y0), (x1, y1) = np.rint(root + np.array([[-10, -22], [10, 26]])).astype(int)
    seeds = set(np.unique(labels[y0:y1, x0:x1]).tolist())
    wide = stats[:, cv2.CC_STAT_WIDTH] > _WIDE * _UNIT_PX
    for lid in (145, 374):  # rims that do not touch the bridge
        x, y = np.rint(view.points[lid]).astype(int)
        below = labels[y + 8 : y + 58, max(x - 20, 0) : x + 20]
        seeds |= {int(one) for one in np.unique(below) if wide[one]}
    chosen = np.array([label in seeds - {0} for label in range(count)])
    found = np.asarray(chosen[labels] & (joined > 0))
    return np.asarray(found | _mirrored(found, view.lines, (view.lines > _WEAKER * least) & able))


def _rims(view: _View, most: float) -> Rims | None:
    """The rims, looked for where no open eye is."""
    eyes = np.zeros(view.lines.shape, np.uint8)
    for ring in (RIGHT_EYE, LEFT_EYE):
        cv2.fillPoly(eyes, [np.rint(view.points[list(ring)]).astype(np.int32)], 1)
    lashes = cv2.dilate(eyes, _disc(_LASHES_PX)) > 0
    lines = np.where(lashes, np.float32(_LASHES) * view.lines, view.lines)
    middles = view.points[[33, 133]].mean(axis=0), view.points[[362, 263]].mean(axis=0)
    return lens_rims(view.light, lines, middles, most)


def _with_rims(view: _View, found: NDArray[np.bool_], rims: Rims) -> NDArray[np.bool_]:
    """(h, w) the rims, what was found close to them, the bridge, and the pieces to the temples."""
    near = cv2.dilate(rims.band.astype(np.uint8), _disc(_BROADER_PX)) > 0
    rows, columns = np.indices(found.shape)
    root = float(view.points[[168, 6], 1].mean())
    bridge = (columns > rims.inner[0]) & (columns < rims.inner[1]) & (np.abs(rows - root) < 30)
    temples = (columns < rims.outer[0] + 2) | (columns > rims.outer[1] - 2)
    return np.asarray(rims.band | (found & near) | (found & ~rims.inside & (bridge | temples)))


def _mirrored(
    found: NDArray[np.bool_], lines: Floats, weaker: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(h, w) what is a weaker line, and lies where the other side has its frame.

    Where a rim runs along a brow or close to lashes, the other side often tells it.
    """
    flipped = np.zeros_like(found)
    middle = round(_EYES_AT[0])
    flipped[:, 1 : 2 * middle] = found[:, 2 * middle - 1 : 0 : -1]
    shifts = [
        (x, y)
        for x in range(-_ASKEW_PX, _ASKEW_PX + 1, 2)
        for y in range(-_ASKEW_PX // 2, _ASKEW_PX // 2 + 1, 2)
    ]
    moved = [np.roll(flipped, (y, x), axis=(0, 1)) for x, y in shifts]
    best = moved[int(np.argmax([float(lines[one].sum()) for one in moved]))]
    return np.asarray((cv2.dilate(best.astype(np.uint8), _disc(_BESIDE_PX)) > 0) & weaker)


def _worn_at(view: _View) -> NDArray[np.uint8]:
    """(h, w) 1 where lenses, bridge and temple pieces can be."""
    here = np.zeros(_SIZE[::-1], np.uint8)
    eyes = view.points[[33, 133]].mean(axis=0), view.points[[362, 263]].mean(axis=0)
    boxes = [(eye, _LENS) for eye in eyes] + [((eyes[0] + eyes[1]) / 2, _NOSE)]
    for (x, y), (aside, up, down) in boxes:
        x0, x1 = (round(float(x) + way * aside * _UNIT_PX) for way in (-1, 1))
        y0, y1 = (round(float(y) + way * _UNIT_PX) for way in (up, down))
        here[max(y0, 0) : y1, max(x0, 0) : x1] = 1
    level = float(np.mean([eye[1] for eye in eyes]))
    up, down = (round(level + way * _UNIT_PX) for way in _TEMPLE)
    here[max(up, 0) : down] = 1
    middle = float(np.mean([eye[0] for eye in eyes]))
    aside, _, deep = _NOSE  # below the bridge lies the nose
    x0, x1 = (round(middle + way * aside * _UNIT_PX) for way in (-1, 1))
    here[round(level + deep * _UNIT_PX) :, max(x0, 0) : x1] = 0
    return here


def _disc(px: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (px, px)), np.uint8)
