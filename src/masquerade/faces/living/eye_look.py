"""Eyes of a photo taken apart into lid skin, lid edges and eyeball.

A photo shows an eye at one opening. Its skin is carried on over the eyeball, its eyeball is carried
on under the lids, and what darkens both along the lids (lashes, liner, the lids' shadow) is kept
beside each lid's edge as a factor. `living.eyes` puts them together at any opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.living.eye_coordinates import (
    EYES,
    Field,
    edges_of,
    eye_coordinates,
    height_px,
    moved_to,
    ramp,
    unit_px_of,
)
from masquerade.types import RGB, Points

Place: TypeAlias = tuple[Field, Field, Field, Field]

REACH_U: Final = 1.5  # reach of a look to each side
REACH_V: Final = 1.1  # and up and down
STRIP: Final = 0.5  # how far from a lid's edge its darkening is kept
ONE: Final = 160  # a factor of 1 in a strip
_MOST_PX: Final = 64  # pixels of a look for each unit
_LEAST_PX: Final = 6
SCALES: Final = (_LEAST_PX, _MOST_PX)
_LID: Final = 0.32  # how far above the eye skin is carried on
_RIM: Final = 0.1  # and how far below it


@dataclass(frozen=True, slots=True)
class Layers:
    """One eye at one size.

    Attributes:
        scale: Pixels for each unit.
        eyeball: (h, w, 3) uint8, complete.
        edges: (2 * k, w, 3) uint8 factors beside the upper and the lower lid's edge, `ONE` for 1.
        even: The same, evened out along the lids.
    """

    scale: float
    eyeball: RGB
    edges: RGB
    even: RGB


@dataclass(frozen=True, slots=True)
class EyeLook:
    """One eye of a photo, taken apart.

    Attributes:
        sizes: The same at falling sizes.
        iris: (2,) middle of the iris in eye coordinates.
        height: Distance of the lids' middles in eye coordinates.
    """

    sizes: tuple[Layers, ...]
    iris: Field
    height: float


def take_apart(picture: RGB, landmarks: Points) -> tuple[RGB, tuple[EyeLook, EyeLook]]:
    """The picture with skin carried on over both eyes, and the right and the left eye.

    Args:
        picture: (H, W, 3) uint8.
        landmarks: (478, 3) its mesh in pixels.
    """
    covered = picture.copy()
    looks = [_look(picture, covered, landmarks, side) for side in (0, 1)]
    return covered, (looks[0], looks[1])


def _look(picture: RGB, covered: RGB, landmarks: Points, side: int) -> EyeLook:
    """One eye of a picture; its place in `covered` is painted over with skin."""
    ring, iris, brow = EYES[side]
    unit_px = unit_px_of(landmarks)
    eye_from_picture = eye_coordinates(landmarks, ring, unit_px)
    scale = float(np.clip(unit_px, _LEAST_PX, _MOST_PX))
    to_look = _scaled(eye_from_picture, scale)
    seen = _seen(picture, eye_from_picture, scale, unit_px)
    u, v = _grid(scale, (seen.shape[1], seen.shape[0]))
    place = (u, v, *edges_of(landmarks, ring, eye_from_picture).at(u))
    lid = _lid_mask(*place)
    brows = moved_to(landmarks[list(brow), :2], to_look)
    skin = _carried(seen, _skin_weight(seen, lid, brows), scale)
    skin = seen + lid[..., None] * (skin - seen)
    irises = moved_to(landmarks[list(iris), :2], eye_from_picture)
    eyeball = _eyeball(seen, place, irises, scale)
    strips = _strips(seen, skin, eyeball, place, scale)
    ball = np.asarray(np.clip(eyeball, 0, 255), np.uint8)
    _cover(covered, skin, lid, to_look)
    height = max(height_px(landmarks, ring) / unit_px, 0.05)
    return EyeLook(layers_at(scale, ball, strips), irises[0], height)


def layers_at(scale: float, eyeball: RGB, edges: RGB) -> tuple[Layers, ...]:
    """One eye at its own size and at all that are needed below it.

    Args:
        scale: Pixels for each unit, `SCALES` at the least and at the most.
        eyeball: (h, w, 3) of `shapes_at`.
        edges: (2 * k, w, 3) likewise.
    """
    sizes = [Layers(scale, eyeball, edges, _evened(edges, scale))]
    while sizes[-1].scale > 2 * _LEAST_PX:
        sizes.append(_halved(sizes[-1]))
    return tuple(sizes)


def shapes_at(scale: float) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Shapes of an eyeball and of its edges at so many pixels for each unit."""
    width = round(2 * REACH_U * scale)
    return (round(2 * REACH_V * scale), width, 3), (2 * round(2 * STRIP * scale), width, 3)


def _seen(
    picture: RGB, eye_from_picture: NDArray[np.float64], scale: float, unit_px: float
) -> Field:
    """(h, w, 3) the eye as the picture shows it, `scale` pixels for each unit."""
    finer = max(1, round(unit_px / scale))
    wh = (round(2 * REACH_U * scale), round(2 * REACH_V * scale))
    large = cv2.warpAffine(
        picture,
        _scaled(eye_from_picture, scale * finer),
        (wh[0] * finer, wh[1] * finer),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(large, wh, interpolation=cv2.INTER_AREA), np.float32)


def _scaled(eye_from_picture: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """(2, 3) transform from pixels of a picture to those of a look."""
    made = eye_from_picture * scale
    made[:, 2] += scale * np.array([REACH_U, REACH_V]) - 0.5
    return np.asarray(made)


def _grid(scale: float, wh: tuple[int, int]) -> tuple[Field, Field]:
    u = (np.arange(wh[0], dtype=np.float32) + 0.5) / scale - REACH_U
    v = (np.arange(wh[1], dtype=np.float32) + 0.5) / scale - REACH_V
    across, down = np.meshgrid(u, v)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _lid_mask(u: Field, v: Field, upper: Field, lower: Field) -> Field:
    """1 over the eye and the lids' edges, soft around."""
    round_off = np.sqrt(np.clip(1 - (u / 1.3) ** 2, 0, 1))
    above = (v - upper) / 0.13 + _LID * round_off / 0.13
    below = (lower - v) / 0.08 + _RIM * round_off / 0.08
    beside = (1.25 - np.abs(u)) / 0.1
    return ramp(np.minimum(np.minimum(above, below), beside) * 0.5 + 0.5)


def _skin_weight(seen: Field, lid: Field, brow: Field) -> Field:
    """How far each pixel is skin that may be carried on: no eye, no brow, no lash."""
    weight = (lid <= 0.01).astype(np.float32)
    hairy = np.zeros(weight.shape, np.uint8)
    cv2.fillConvexPoly(hairy, cv2.convexHull(np.round(brow).astype(np.int32)), 1)
    weight *= cv2.dilate(hairy, np.ones((3, 3), np.uint8)) == 0
    light = seen.mean(axis=2)
    usual = max(1.0, float(np.median(light[weight > 0]))) if weight.any() else 128.0
    return np.asarray(weight * np.clip((light / usual - 0.2) / 0.3, 1e-3, 1), np.float32)


def _carried(seen: Field, weight: Field, scale: float) -> Field:
    """The colours where the weight is, carried on to everywhere else, smooth."""
    sums = np.concatenate([seen * weight[..., None], weight[..., None]], axis=2)
    out = np.broadcast_to(sums[..., :3].sum((0, 1)) / max(float(weight.sum()), 1e-6), seen.shape)
    for reach in (0.8, 0.4, 0.2, 0.1):
        near = np.asarray(cv2.GaussianBlur(sums, (0, 0), max(0.5, reach * scale)))
        known = near[..., 3:]
        share = np.clip(known * 6, 0, 1)
        out = out + share * (near[..., :3] / np.maximum(known, 1e-6) - out)
    return np.asarray(out, np.float32)


def _eyeball(seen: Field, place: Place, iris: Field, scale: float) -> Field:
    """The eyeball, completed under the lids: the iris by its rings, the white by what is near."""
    u, v, upper, lower = place
    inside = np.clip(np.minimum(v - upper - 0.1, lower - v - 0.05) / 0.06, 0, 1)
    inside *= np.abs(u) < 0.92
    if inside.sum() < 4:
        inside = ((v > upper) & (v < lower)).astype(np.float32) + np.float32(1e-4)
    radius = float(np.clip(np.linalg.norm(iris[1:] - iris[0], axis=1).mean(), 0.3, 0.65))
    away = np.hypot(u - iris[0, 0], v - iris[0, 1]) / radius
    white = _carried(seen, np.asarray(inside * (away > 1.12) + 1e-5 * inside, np.float32), scale)
    rings = np.minimum((away * 12).astype(np.int32), 13)
    weight = np.bincount(rings.ravel(), inside.ravel(), 14)
    colours = np.stack(
        [np.bincount(rings.ravel(), (inside * seen[..., k]).ravel(), 14) for k in range(3)], axis=1
    )
    known = weight > 0.02 * (rings.size / 14)
    known = known if known.any() else weight >= weight.max()
    middle = np.arange(14) + 0.5
    profile = np.stack(
        [np.interp(away * 12, middle[known], colours[known, k] / weight[known]) for k in range(3)],
        axis=2,
    )
    edge = ramp(np.asarray((1.1 - away) / 0.15, np.float32))[..., None]
    complete = white + edge * (profile - white)
    shown = np.asarray(cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.03 * scale + 0.3))
    return np.asarray(complete + shown[..., None] * (seen - complete), np.float32)


def _strips(
    seen: Field,
    skin: Field,
    eyeball: Field,
    place: Place,
    scale: float,
) -> RGB:
    """What darkens skin and eyeball beside the upper and, below in the picture, the lower edge."""
    u, v, upper, lower = place
    inside = ((v > upper) & (v < lower) & (np.abs(u) < 1)).astype(np.float32)[..., None]
    beneath = skin + inside * (eyeball - skin)
    factor = np.log(np.clip((seen + 4) / (beneath + 4), 0.05, 1.2))
    height = np.maximum(lower - upper, 1e-3)
    share = np.clip((lower - v) / height, 0, 1)
    share = np.where((v > upper) & (v < lower), share, v < (upper + lower) / 2)[..., None]
    made = []
    for edge, part in ((upper, factor * share), (lower, factor * (1 - share))):
        rows = (np.arange(round(2 * STRIP * scale), dtype=np.float32) + 0.5) / scale - STRIP
        down = (edge[:1] + rows[:, None] + REACH_V) * scale - 0.5
        across = np.broadcast_to(np.arange(u.shape[1], dtype=np.float32), down.shape)
        strip = cv2.remap(
            np.asarray(part, np.float32),
            np.ascontiguousarray(across),
            np.asarray(down, np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        fade = ramp((STRIP - np.abs(rows)) / np.float32(0.1))[:, None, None]
        made.append(np.asarray(np.clip(np.exp(strip * fade) * ONE, 0, 255), np.uint8))
    return np.concatenate(made)


def _evened(strips: RGB, scale: float) -> RGB:
    """Strips without bright spots and with little change along the lids."""
    dark = np.minimum(strips, ONE)
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), 0.25 * scale, sigmaY=0.3), np.uint8)


def _halved(layers: Layers) -> Layers:
    def half(picture: RGB) -> RGB:
        height, width = picture.shape[:2]
        size = (max(2, width // 2), max(2, height // 2))
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)

    return Layers(layers.scale / 2, half(layers.eyeball), half(layers.edges), half(layers.even))


def _cover(covered: RGB, skin: Field, lid: Field, to_look: NDArray[np.float64]) -> None:
    """Write skin, where the lid mask is, into the picture, in place."""
    height, width = lid.shape
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32)
    back = cv2.invertAffineTransform(to_look)
    around = moved_to(corners, np.asarray(back, np.float64))
    size = np.array([covered.shape[1], covered.shape[0]])
    x0, y0 = np.clip(np.floor(around.min(axis=0)), 0, size).astype(int)
    x1, y1 = np.clip(np.ceil(around.max(axis=0)), 0, size).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    here = to_look.copy()
    here[:, 2] += here[:, :2] @ (x0, y0)
    both = cv2.warpAffine(
        np.dstack([skin, lid]),
        here,
        (int(x1 - x0), int(y1 - y0)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    part = covered[y0:y1, x0:x1]
    part[:] = np.rint(np.clip(part + both[..., 3:] * (both[..., :3] - part), 0, 255))
