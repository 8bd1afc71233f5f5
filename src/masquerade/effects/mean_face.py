"""The mean of several faces, aligned by their meshes: shapes are averaged first, then colours.

Rowland and Perrett, "Manipulating facial appearance through shape and color" (1995). Hair, ears,
neck and what is behind are the first picture's; they follow its face, and skin takes on the mean
complexion. Hair that falls over a forehead is mixed with nothing, so that it has no ghost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.glasses import with_glasses_apart, without_glasses
from masquerade.effects.hair_region import hair_of
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, rgb_of
from masquerade.faces.align import similarity
from masquerade.faces.mesh import INNER_LIPS, OVAL
from masquerade.faces.warp import paint, widen
from masquerade.types import RGB, Mask, Points

_FOLLOWS: Final = 1.0  # units beside the face over which the first picture's surroundings follow
_GRID_PX: Final = 8  # pixels between places at which that is worked out
_NEAR: Final = 0.02  # units: an outline's points closer than this count as equally near
_INWARD: Final = 0.16  # units within the outline over which other faces fade in
_BESIDE_HAIR: Final = 0.05  # units beside hair of another face, over which that face fades in
_OPEN: Final = 0.04  # units between the lips, from which a mouth is open
_SOFT: Final = 0.02
_STEP: Final = 2  # pixels for each of those at which it is worked out where a pixel came from
_AT_ONCE: Final = 1 << 21  # pixels that are mixed at a time: large photos would not fit else
_LOOKED_AT: Final = 1 << 20  # pixels of a complexion

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One face in the mean shape, over the first picture.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        hair: (h, w) float16 in [0, 1].
        opening: How far its lips are apart, in units.
    """

    pixels: RGB
    hair: NDArray[np.float16]
    opening: float


@dataclass(frozen=True, slots=True)
class _Origins:
    """Where in a picture the pixels of the mean shape lie.

    Attributes:
        painted: (h / 2, w / 2, 2) float32, what is known of every other pixel.
        size_hw: Of the mean shape's picture.
    """

    painted: Floats
    size_hw: tuple[int, int]

    @classmethod
    def of(cls, one: Portrait, shaped: Portrait) -> Self:
        """Those of a face, by both meshes."""
        height, width = shaped.pixels.shape[:2]
        own = widen(np.column_stack([one.points, one.depth]).astype(np.float32))
        mean = widen(np.column_stack([shaped.points, shaped.depth]).astype(np.float32))
        small = max(2, round(height / _STEP)), max(2, round(width / _STEP))
        scale = np.array([small[1] / width, small[0] / height], np.float32)
        flat = np.asarray((mean[:, :2] + 0.5) * scale - 0.5, np.float32)
        carried = np.ascontiguousarray(own[:, :2], np.float32)
        return cls(paint(flat, mean[:, 2], carried, small), (height, width))

    def at(self, band: slice) -> Floats:
        """(rows, w, 2) of some rows."""
        height, width = self.size_hw
        (above, below, down), (left, right, across) = (
            _between(np.arange(start, stop), full, part)
            for start, stop, full, part in (
                (band.start, band.stop, height, self.painted.shape[0]),
                (0, width, width, self.painted.shape[1]),
            )
        )
        rows = self.painted[above]
        rows = rows + down[:, None, None] * (self.painted[below] - rows)
        found = rows[:, left]
        return np.asarray(found + across[None, :, None] * (rows[:, right] - found), np.float32)


def _between(
    places: NDArray[np.int_], full: int, part: int
) -> tuple[NDArray[np.int_], NDArray[np.int_], Floats]:
    """(n,) each: the two of fewer pixels between which a pixel lies, and how far from the first."""
    at = np.clip((places + 0.5) * (part / full) - 0.5, 0, part - 1)
    first = np.floor(at).astype(np.int_)
    return first, np.minimum(first + 1, part - 1), (at - first).astype(np.float32)


def _bands(height: int, width: int) -> Iterator[slice]:
    """Rows that are worked on at a time."""
    rows = max(_AT_ONCE // max(width, 1), 1)
    return (slice(y, min(y + rows, height)) for y in range(0, height, rows))


def mean_face(
    faces: Sequence[Portrait],
    shares: Sequence[float],
    *,
    frame_wh: tuple[int, int] | None = None,
) -> Portrait:
    """The first portrait with the mean of all faces in it.

    Args:
        faces: At least one, each with what is a person in it; hair, spectacles and surroundings
            are the first's.
        shares: How much each counts; they add up to 1.
        frame_wh: Size of the first one's photo, at whose own border nothing fades.
    """
    others = [without_glasses(one) for one in faces[1:]]
    mixed = partial(_mean_face, others=others, shares=shares, frame_wh=frame_wh)
    return with_glasses_apart(faces[0], mixed)


def _mean_face(
    first: Portrait,
    others: Sequence[Portrait],
    shares: Sequence[float],
    frame_wh: tuple[int, int] | None,
) -> Portrait:
    faces = [first, *others]
    meshes = [_over(first, one) for one in faces]
    weighed = zip(shares, meshes, strict=True)
    mean = np.asarray(sum(share * mesh for share, mesh in weighed), np.float32)
    shaped = replace(first, points=mean[:, :2], depth=mean[:, 2])
    around, hair = _followed(first, shaped)
    layers = [_Layer(around, hair, _opening(first))]
    layers += [_laid(one, shaped) for one in faces[1:]]
    inside = _inside(shaped)
    means = [_complexion(layer, inside) for layer in layers]
    wanted = np.asarray(sum(s * m for s, m in zip(shares, means, strict=True)), np.float32)
    whole = shaped.with_pixels(around)
    skin = whole.all_skin()
    skin *= whole.border(frame_wh)
    shifts = [wanted - own for own in means]
    made = np.empty_like(around)
    for band in _bands(*inside.shape):
        mixed = _mixed(layers, shares, shifts, band, skin=skin[band], inside=inside[band])
        made[band] = np.clip(np.rint(mixed), 0, 255)
    return whole.with_pixels(_with_one_mouth(made, layers, shaped))


def _mixed(
    layers: Sequence[_Layer],
    shares: Sequence[float],
    shifts: Sequence[Floats],
    band: slice,
    *,
    skin: Mask,
    inside: Mask,
) -> Floats:
    """(rows, w, 3) some rows of all faces together, each with the mean complexion."""
    first = layers[0]
    below = _shifted(first.pixels[band].astype(np.float32), shifts[0], skin)
    mixed = below.copy()
    free = inside * (1 - first.hair[band].astype(np.float32))
    for layer, share, shift in zip(layers[1:], shares[1:], shifts[1:], strict=True):
        weight = (share * free * (1 - layer.hair[band].astype(np.float32)))[..., None]
        own = _shifted(layer.pixels[band].astype(np.float32), shift, inside)
        mixed += weight * (own - below)
    return mixed


def _over(first: Portrait, one: Portrait) -> Points:
    """(478, 3) a face's mesh laid over the first one: turned, scaled and moved, no more."""
    if one is first:
        return np.column_stack([one.points, one.depth]).astype(np.float32)
    to_first = similarity(one.points[:468], first.points[:468])
    flat = one.points @ to_first[:, :2].T + to_first[:, 2]
    scale = float(np.hypot(*to_first[:, 0]))
    return np.column_stack([flat, one.depth * scale]).astype(np.float32)


def _followed(first: Portrait, shaped: Portrait) -> tuple[RGB, NDArray[np.float16]]:
    """The first picture and its hair, moved so that its face has the mean shape."""
    height, width = first.pixels.shape[:2]
    origins, inside, border = _Origins.of(first, shaped), _inside(shaped), shaped.border()
    hair, drift = hair_of(first), _drift(first, shaped)
    made, followed = np.empty_like(first.pixels), np.empty((height, width), np.float16)
    for band in _bands(height, width):
        rows, columns = np.indices((band.stop - band.start, width), np.float32)
        rows += band.start
        places = np.stack([columns, rows], axis=-1)
        fine = cv2.remap(drift, columns / _GRID_PX, rows / _GRID_PX, cv2.INTER_LINEAR)
        came = np.asarray(places + fine * border[band][..., None], np.float32)
        came += inside[band][..., None] * (origins.at(band) - came)
        pixels = np.asarray(_sampled(first.pixels, came), np.uint8)
        still = np.abs(came - places).max(axis=-1) < _SOFT
        pixels[still] = first.pixels[band][still]
        made[band], followed[band] = pixels, _sampled(hair, came)
    return made, followed


def _drift(first: Portrait, shaped: Portrait) -> Floats:
    """How far from places outside the face their pixels are taken: as the outline's.

    One place stands for 8 x 8 pixels.
    """
    height, width = first.pixels.shape[:2]
    outline = shaped.points[list(OVAL)]
    moves = first.points[list(OVAL)] - outline
    x = np.arange(0, width + _GRID_PX, _GRID_PX, dtype=np.float32)
    y = np.arange(0, height + _GRID_PX, _GRID_PX, dtype=np.float32)
    moved = np.empty((len(y), len(x), 2), np.float32)
    for band in _bands(len(y), len(x) * len(OVAL)):
        grid = np.stack(np.meshgrid(x, y[band]), axis=-1)
        away = np.linalg.norm(grid[:, :, None] - outline, axis=-1) / np.float32(shaped.unit)
        weights = 1 / (away + _NEAR) ** 3
        weights /= weights.sum(axis=-1, keepdims=True)
        beside = np.clip(1 - away.min(axis=-1) / _FOLLOWS, 0, 1)
        moved[band] = (weights @ moves) * (beside * beside * (3 - 2 * beside))[..., None]
    return moved


def _laid(one: Portrait, shaped: Portrait) -> _Layer:
    """Another face in the mean shape."""
    height, width = shaped.pixels.shape[:2]
    origins, own = _Origins.of(one, shaped), hair_of(one)
    pixels, hair = np.empty((height, width, 3), np.uint8), np.empty((height, width), np.float32)
    for band in _bands(height, width):
        came = origins.at(band)
        pixels[band], hair[band] = _sampled(one.pixels, came), _sampled(own, came)
    soft = np.clip(2 * shaped.softened(hair, _BESIDE_HAIR), 0, 1)
    return _Layer(pixels, soft.astype(np.float16), _opening(one))


def _inside(shaped: Portrait) -> Mask:
    """(h, w) in [0, 1]: 1 well inside the face's outline, 0 at it and beyond."""
    drawn = np.zeros(shaped.pixels.shape[:2], np.uint8)
    cv2.fillPoly(drawn, [np.rint(shaped.points[list(OVAL)]).astype(np.int32)], 1)
    inward = cv2.distanceTransform(drawn, cv2.DIST_L2, 5) / np.float32(_INWARD * shaped.unit)
    fade = np.clip(inward, 0, 1)
    return np.asarray(fade * fade * (3 - 2 * fade), np.float32)


def _complexion(layer: _Layer, inside: Mask) -> Floats:
    """(3,) the middle of a face's colours in CIE Lab."""
    step = max(1, int(np.sqrt(inside.size / _LOOKED_AT)))
    pixels, within = layer.pixels[::step, ::step], inside[::step, ::step]
    hair = layer.hair[::step, ::step]
    plain = (within > 0.9) & (hair < 0.1)
    chosen = pixels[plain if plain.any() else within > 0.5]
    if not len(chosen):
        return np.zeros(3, np.float32)
    return np.asarray(np.median(lab_of(chosen[None])[0], axis=0), np.float32)


def _shifted(pixels: Floats, shift: Floats, mask: Mask) -> Floats:
    """(h, w, 3) RGB with a shift of L, a and b where a mask is; elsewhere as it is."""
    lab = lab_of(pixels) + mask[..., None] * shift
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return np.where((mask > 0)[..., None], rgb_of(lab), pixels)


def _with_one_mouth(made: RGB, layers: Sequence[_Layer], shaped: Portrait) -> RGB:
    """(h, w, 3) with what is between the lips from the widest mouth: teeth are not mixed."""
    widest = max(layers, key=lambda layer: layer.opening)
    if widest.opening < _OPEN:
        return made
    mask = shaped.area([INNER_LIPS], _SOFT)
    for band in _bands(*mask.shape):
        if mask[band].any():
            own, weight = made[band].astype(np.float32), mask[band][..., None]
            made[band] = np.rint(own + weight * (widest.pixels[band] - own))
    return made


def _opening(one: Portrait) -> float:
    return float(np.linalg.norm(one.points[13] - one.points[14])) / one.unit


def _sampled(picture: NDArray[Any], came: Floats) -> NDArray[Any]:
    """(h, w, ...) what of a picture lies at these places."""
    how = cv2.INTER_CUBIC if picture.dtype == np.uint8 else cv2.INTER_LINEAR
    x, y = (np.ascontiguousarray(came[..., k], np.float32) for k in (0, 1))
    return np.asarray(cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REPLICATE))
