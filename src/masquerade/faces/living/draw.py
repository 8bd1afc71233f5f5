"""One moment of a photo that lives: head turned, lids, lips and chest moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.living.eye_coordinates import EYES
from masquerade.faces.living.eyes import put_together
from masquerade.faces.living.photo import COARSE, FINE, LivingPhoto, finer
from masquerade.faces.mesh import COUNT, INNER_LIPS, LEFT_EYE, OVAL, RIGHT_EYE
from masquerade.faces.mouth.inside import draw_inside
from masquerade.faces.mouth.spoken_mesh import Mouth, spoken
from masquerade.faces.pose import rotation
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, PixelBox, Points

Field: TypeAlias = NDArray[np.float32]

LIMIT_DEG: Final = 12.0
_UPPER_LIDS: Final = (RIGHT_EYE[1:8], LEFT_EYE[1:8])
_LOWER_LIDS: Final = (RIGHT_EYE[:8:-1], LEFT_EYE[:8:-1])
_TAKEN_OVER: Final = 0.2  # of a blink, by which the photo's eyes have given way to drawn ones
_TURNS: Final = 3  # steps of the fixed-point inversion; each divides the error by at least 3
_BESIDE: Final = 0.55  # of the jaw's movement, that the first ring outside of it goes along
_TILE: Final = 128  # pixels of a side of the parts that are drawn one by one; `COARSE` divides it
_RIM: Final = 3  # pixels around an eye's part that are not written: beyond it nothing is known
_FINE_PX: Final = 130.0  # a face's lower half is bent at no more than this for its width


@dataclass(frozen=True, slots=True)
class Moment:
    """What somebody does at one moment, relative to the photo.

    Attributes:
        turn_deg: Yaw (to the viewer's right), pitch (down) and roll (clockwise).
        shift: How far the head goes right and down, in distances of the eyes.
        breath: How far the chest is raised, likewise.
        blink: 0 eyes as they are, 1 closed.
        mouth: What the mouth does; None leaves it as the photo has it.
    """

    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)
    breath: float = 0.0
    blink: float = 0.0
    mouth: Mouth | None = None


def drawn(of: LivingPhoto, moment: Moment) -> RGB:
    """(H, W, 3) uint8 the photo at a moment.

    Args:
        of: The photo made ready.
        moment: What is done; angles beyond `LIMIT_DEG` are cut to it.
    """
    height, width = of.picture.shape[:2]
    back = _turned_back(of, moment)
    places = _enlarged(back, (width, height))
    bent = of.landmarks if moment.mouth is None else spoken(of.landmarks, moment.mouth, of.head)
    if moment.mouth is not None:
        box = _lower_box(of, bent, (width, height))
        _add_offset(places, _surface_offset(of, bent, box), box, of)
    cover = _looked_up(of.cover, back[..., 0], back[..., 1])
    out = of.behind.copy()
    canvas = _blinking(of, moment.blink)
    for tile in _tiles(cover, (width, height)):
        _lay(out, canvas, places, cover, tile)
    if moment.mouth is not None:
        _put_mouth(out, of, bent, back)
    return out


def _tiles(cover: Field, size_wh: tuple[int, int]) -> Iterator[PixelBox]:
    """Parts of the picture in which the person is seen."""
    side = _TILE // COARSE
    for top in range(0, cover.shape[0], side):
        for left in range(0, cover.shape[1], side):
            around = cover[max(0, top - 1) : top + side + 1, max(0, left - 1) : left + side + 1]
            if around.max() > 0:
                x0, y0 = left * COARSE, top * COARSE
                x1, y1 = min(x0 + _TILE, size_wh[0]), min(y0 + _TILE, size_wh[1])
                if x1 > x0 and y1 > y0:
                    yield x0, y0, x1, y1


def _lay(out: RGB, canvas: RGB, places: tuple[Field, Field], cover: Field, tile: PixelBox) -> None:
    """Draw the person into one part of the picture, in place."""
    x0, y0, x1, y1 = tile
    x, y = (one[y0:y1, x0:x1] for one in places)
    person = cv2.remap(canvas, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    whole = cover[
        max(0, y0 // COARSE - 1) : -(-y1 // COARSE) + 1,
        max(0, x0 // COARSE - 1) : -(-x1 // COARSE) + 1,
    ]
    part = out[y0:y1, x0:x1]
    if whole.min() >= 1:
        part[:] = person
        return
    share = _looked_up(cover, *_coarse_places(tile))
    part[:] = cv2.blendLinear(person, np.ascontiguousarray(part), share, 1 - share)


def _coarse_places(box: PixelBox) -> tuple[Field, Field]:
    """Where the pixels of a box lie on the coarse fields."""
    half = np.float32((COARSE - 1) / 2)
    x = (np.arange(box[0], box[2], dtype=np.float32) - half) / COARSE
    y = (np.arange(box[1], box[3], dtype=np.float32) - half) / COARSE
    shape = (len(y), len(x))
    down = np.repeat(y, shape[1]).reshape(shape)
    return np.tile(x, (shape[0], 1)).astype(np.float32), down.astype(np.float32)


def _looked_up(values: Field, x: Field, y: Field) -> Field:
    return np.asarray(
        cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def moved_mesh(of: LivingPhoto, moment: Moment) -> Points:
    """(478, 3) where the mesh comes to lie, in pixels: the truth to measure a reader against."""
    bent = of.landmarks if moment.mouth is None else spoken(of.landmarks, moment.mouth, of.head)
    turned = (bent - of.pivot) @ _rotation(moment).T + of.pivot
    turned[:, :2] += np.array(moment.shift, np.float32) * of.unit_px
    return np.asarray(turned, np.float32)


def _rotation(moment: Moment) -> Field:
    return rotation(*np.clip(moment.turn_deg, -LIMIT_DEG, LIMIT_DEG).tolist()).astype(np.float32)


def _turned_back(of: LivingPhoto, moment: Moment) -> Field:
    """(h, w, 2) for each coarse pixel of the new picture, the coarse place it was before."""
    rows, columns = of.depth.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    half = np.float32((COARSE - 1) / 2)
    full_x, full_y = x * COARSE + half, y * COARSE + half
    away = np.stack([full_x - of.pivot[0], full_y - of.pivot[1], of.depth - of.pivot[2]], axis=-1)
    change = (_rotation(moment) - np.eye(3, dtype=np.float32))[:2]
    shift = np.array(moment.shift, np.float32) * np.float32(of.unit_px)
    forward = (away @ change.T + shift) * of.hold[..., None]
    forward[..., 1] -= np.float32(moment.breath * of.unit_px) * of.chest
    forward = np.ascontiguousarray(forward / COARSE)
    here = np.stack([x, y], axis=-1)
    back = here - forward
    for _ in range(_TURNS):
        back = here - _looked_up(forward, back[..., 0], back[..., 1])
    return np.asarray(back, np.float32)


def _enlarged(back: Field, size_wh: tuple[int, int]) -> tuple[Field, Field]:
    """Places in the fine photo, x and y, for every pixel of the picture."""
    rows, columns = back.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    made = []
    for k, here in ((0, x), (1, y)):
        moved = (back[..., k] - here) * np.float32(COARSE * FINE)
        full = cv2.resize(moved, size_wh, interpolation=cv2.INTER_LINEAR)
        line = np.arange(size_wh[k], dtype=np.float32) * FINE + np.float32((FINE - 1) / 2)
        full += line if k == 0 else line[:, None]
        made.append(full)
    return made[0], made[1]


def _lower_box(of: LivingPhoto, bent: Points, size_wh: tuple[int, int]) -> PixelBox:
    """The part of the photo in which the mesh was bent, with room for the rings around it."""
    both = np.concatenate([widen(of.landmarks), widen(bent)])[:, :2]
    low, high = both.min(axis=0), both.max(axis=0)
    top = float(of.landmarks[[33, 263], 1].mean())
    x0, y0 = np.maximum(np.floor([low[0], top]), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(high) + 1, size_wh).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


def _surface_offset(of: LivingPhoto, bent: Points, box: PixelBox) -> Field:
    """(h, w, 2) what to add to a place on the bent face to come to the photo's, 0 beyond it."""
    still = widen(of.landmarks)
    points = still.copy()
    points[: len(bent)] = bent
    rim = len(OVAL)
    points[COUNT : COUNT + rim] += np.float32(_BESIDE) * (bent - of.landmarks)[list(OVAL)]
    wide = float(np.ptp(of.landmarks[list(OVAL), 0]))
    return dense_map(points, (still - points)[:, :2], box, step=max(1.0, wide / _FINE_PX))


def _add_offset(places: tuple[Field, Field], offset: Field, box: PixelBox, of: LivingPhoto) -> None:
    """Chain the bending of the face after the turn of the head, in place."""
    margin = int(0.25 * of.unit_px)
    height, width = places[0].shape
    x0, y0 = max(0, box[0] - margin), max(0, box[1] - margin)
    x1, y1 = min(width, box[2] + margin), min(height, box[3] + margin)
    x, y = (one[y0:y1, x0:x1] for one in places)
    half = np.float32((FINE - 1) / 2)
    left = (x - half) / np.float32(FINE) - np.float32(box[0])
    top = (y - half) / np.float32(FINE) - np.float32(box[1])
    more = cv2.remap(offset, left, top, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    x += more[..., 0] * FINE
    y += more[..., 1] * FINE


def _blinking(of: LivingPhoto, blink: float) -> RGB:
    """(2 * H, 2 * W, 3) uint8 the fine photo with its eyes closed so far."""
    if blink <= 0:
        return of.fine
    mesh = of.landmarks.copy()
    for upper, lower in zip(_UPPER_LIDS, _LOWER_LIDS, strict=True):
        top, bottom = list(upper), list(lower)
        meet = mesh[bottom] * np.float32(0.85) + mesh[top] * np.float32(0.15)
        mesh[top] += np.float32(blink) * (meet - mesh[top])
        mesh[bottom] += np.float32(blink) * (meet - mesh[bottom])
    made = of.fine.copy()
    share = min(1.0, blink / _TAKEN_OVER)
    for ring, _, brow in EYES:
        around = of.landmarks[[*ring, *brow], :2]
        room = 0.2 * of.unit_px + _RIM
        low = np.maximum(np.floor(around.min(axis=0) - room), 0).astype(int)
        high = np.minimum(np.ceil(around.max(axis=0) + room), of.picture.shape[1::-1]).astype(int)
        if (high - low).min() <= 2 * _RIM:
            continue
        here = np.s_[low[1] : high[1], low[0] : high[0]]
        eye = of.covered[here].copy()
        put_together(eye, of.eyes, mesh, at=(int(low[0]), int(low[1])))
        seen = cv2.addWeighted(of.picture[here], 1 - share, eye, share, 0)
        edge = FINE * _RIM
        x, y = (low * FINE + edge).tolist()
        x1, y1 = (high * FINE - edge).tolist()
        made[y:y1, x:x1] = finer(np.asarray(seen, np.uint8))[edge:-edge, edge:-edge]
    return made


def _put_mouth(out: RGB, of: LivingPhoto, bent: Points, back: Field) -> None:
    """Draw what is seen between the lips, in place."""
    ring = np.asarray(bent[list(INNER_LIPS), :2], np.float32)
    height, width = out.shape[:2]
    room = 0.06 * of.unit_px
    low = np.maximum(np.floor(ring.min(axis=0) - room), 0).astype(int)
    high = np.minimum(np.ceil(ring.max(axis=0) + room), (width, height)).astype(int)
    if (high - low).min() < 2:
        return
    box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    inside, seen = draw_inside(of.mouth, ring, box)
    if not seen.any():
        return
    margin = int(0.2 * of.unit_px)
    x0, y0 = np.maximum(low - margin, 0).tolist()
    x1, y1 = np.minimum(high + margin, (width, height)).tolist()
    both = np.dstack([inside, seen])
    there = cv2.remap(
        back, *_coarse_places((x0, y0, x1, y1)), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    half = np.float32((COARSE - 1) / 2)
    x, y = (there[..., k] * COARSE + half - np.float32(low[k]) for k in (0, 1))
    laid = cv2.remap(both, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    share = laid[..., 3:]
    part = out[y0:y1, x0:x1]
    part[:] = np.clip(np.rint(part + share * (laid[..., :3] - part)), 0, 255)
