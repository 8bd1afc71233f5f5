"""The mean of several faces, aligned by their meshes: shapes are averaged first, then colours.

Rowland and Perrett, "Manipulating facial appearance through shape and color" (1995). Hair, ears,
neck and what is behind are the first picture's; they follow its face, and skin takes on the mean
complexion. Hair that falls over a forehead is mixed with nothing, so that it has no ghost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.glasses import with_glasses_apart, without_glasses
from masquerade.effects.hair_region import hair_of
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, rgb_of
from masquerade.faces.align import similarity
from masquerade.faces.mesh import INNER_LIPS, OVAL
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Mask, Points

_FOLLOWS: Final = 1.0  # units beside the face over which the first picture's surroundings follow
_GRID_PX: Final = 8  # pixels between places at which that is worked out
_NEAR: Final = 0.02  # units: an outline's points closer than this count as equally near
_INWARD: Final = 0.16  # units within the outline over which other faces fade in
_BESIDE_HAIR: Final = 0.05  # units beside hair of another face, over which that face fades in
_OPEN: Final = 0.04  # units between the lips, from which a mouth is open
_SOFT: Final = 0.02

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One face in the mean shape, over the first picture.

    Attributes:
        pixels: (h, w, 3) float32 RGB in [0, 255].
        hair: (h, w) in [0, 1].
        opening: How far its lips are apart, in units.
    """

    pixels: Floats
    hair: Mask
    opening: float


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
    layers = [_Layer(around.astype(np.float32), hair, _opening(first))]
    layers += [_laid(one, mean, shaped) for one in faces[1:]]
    inside = _inside(shaped)
    means = [_complexion(layer, inside) for layer in layers]
    wanted = np.asarray(sum(s * m for s, m in zip(shares, means, strict=True)), np.float32)
    whole = shaped.with_pixels(around)
    skin = whole.all_skin() * whole.border(frame_wh)
    below = _shifted(layers[0].pixels, wanted - means[0], skin)
    mixed = below.copy()
    free = inside * (1 - layers[0].hair)
    for layer, share, own in zip(layers[1:], shares[1:], means[1:], strict=True):
        weight = (share * free * (1 - layer.hair))[..., None]
        mixed += weight * (_shifted(layer.pixels, wanted - own, inside) - below)
    return whole.with_pixels(_with_one_mouth(mixed, layers, shaped))


def _over(first: Portrait, one: Portrait) -> Points:
    """(478, 3) a face's mesh laid over the first one: turned, scaled and moved, no more."""
    if one is first:
        return np.column_stack([one.points, one.depth]).astype(np.float32)
    to_first = similarity(one.points[:468], first.points[:468])
    flat = one.points @ to_first[:, :2].T + to_first[:, 2]
    scale = float(np.hypot(*to_first[:, 0]))
    return np.column_stack([flat, one.depth * scale]).astype(np.float32)


def _followed(first: Portrait, shaped: Portrait) -> tuple[RGB, Mask]:
    """The first picture and its hair, moved so that its face has the mean shape."""
    height, width = first.pixels.shape[:2]
    rows, columns = np.indices((height, width), np.float32)
    places = np.stack([columns, rows], axis=-1)
    came = places + _drift(first, shaped)
    inside, mask = _came_from(first, shaped)
    came += mask[..., None] * (inside - came)
    pixels = _sampled(first.pixels, came)
    still = np.abs(came - places).max(axis=-1) < _SOFT
    pixels[still] = first.pixels[still]
    return np.asarray(pixels, np.uint8), np.asarray(_sampled(hair_of(first), came), np.float32)


def _drift(first: Portrait, shaped: Portrait) -> Floats:
    """(h, w, 2) how far from each pixel outside the face its pixel is taken: as the outline's."""
    height, width = first.pixels.shape[:2]
    outline = shaped.points[list(OVAL)]
    moves = first.points[list(OVAL)] - outline
    x = np.arange(0, width + _GRID_PX, _GRID_PX, dtype=np.float32)
    y = np.arange(0, height + _GRID_PX, _GRID_PX, dtype=np.float32)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    away = np.linalg.norm(grid[:, :, None] - outline, axis=-1) / np.float32(shaped.unit)
    weights = 1 / (away + _NEAR) ** 3
    weights /= weights.sum(axis=-1, keepdims=True)
    beside = np.clip(1 - away.min(axis=-1) / _FOLLOWS, 0, 1)
    moved = (weights @ moves) * (beside * beside * (3 - 2 * beside))[..., None]
    rows, columns = np.indices((height, width), np.float32) / np.float32(_GRID_PX)
    fine = cv2.remap(moved.astype(np.float32), columns, rows, cv2.INTER_LINEAR)
    return np.asarray(fine * shaped.border()[..., None], np.float32)


def _came_from(one: Portrait, shaped: Portrait) -> tuple[Floats, Mask]:
    """(h, w, 2) where in a picture each pixel of the mean shape lies, and (h, w) how surely."""
    height, width = shaped.pixels.shape[:2]
    own = widen(np.column_stack([one.points, one.depth]).astype(np.float32))
    mean = widen(np.column_stack([shaped.points, shaped.depth]).astype(np.float32))
    came = dense_map(mean, np.ascontiguousarray(own[:, :2]), (0, 0, width, height))
    return came, _inside(shaped)


def _laid(one: Portrait, mean: Points, shaped: Portrait) -> _Layer:
    """Another face in the mean shape."""
    came, _ = _came_from(one, replace(shaped, points=mean[:, :2], depth=mean[:, 2]))
    pixels = _sampled(one.pixels, came).astype(np.float32)
    hair = shaped.softened(np.asarray(_sampled(hair_of(one), came), np.float32), _BESIDE_HAIR)
    return _Layer(pixels, np.clip(2 * hair, 0, 1), _opening(one))


def _inside(shaped: Portrait) -> Mask:
    """(h, w) in [0, 1]: 1 well inside the face's outline, 0 at it and beyond."""
    drawn = np.zeros(shaped.pixels.shape[:2], np.uint8)
    cv2.fillPoly(drawn, [np.rint(shaped.points[list(OVAL)]).astype(np.int32)], 1)
    inward = cv2.distanceTransform(drawn, cv2.DIST_L2, 5) / np.float32(_INWARD * shaped.unit)
    fade = np.clip(inward, 0, 1)
    return np.asarray(fade * fade * (3 - 2 * fade), np.float32)


def _complexion(layer: _Layer, inside: Mask) -> Floats:
    """(3,) the middle of a face's colours in CIE Lab."""
    plain = (inside > 0.9) & (layer.hair < 0.1)
    chosen = layer.pixels[plain if plain.any() else inside > 0.5]
    if not len(chosen):
        return np.zeros(3, np.float32)
    return np.asarray(np.median(lab_of(chosen[None])[0], axis=0), np.float32)


def _shifted(pixels: Floats, shift: Floats, mask: Mask) -> Floats:
    """(h, w, 3) RGB with a shift of L, a and b where a mask is; elsewhere as it is."""
    lab = lab_of(pixels) + mask[..., None] * shift
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return np.where((mask > 0)[..., None], rgb_of(lab), pixels)


def _with_one_mouth(mixed: Floats, layers: Sequence[_Layer], shaped: Portrait) -> Floats:
    """(h, w, 3) with what is between the lips from the widest mouth: teeth are not mixed."""
    widest = max(layers, key=lambda layer: layer.opening)
    if widest.opening < _OPEN:
        return mixed
    mask = shaped.area([INNER_LIPS], _SOFT)[..., None]
    return np.asarray(mixed + mask * (widest.pixels - mixed), np.float32)


def _opening(one: Portrait) -> float:
    return float(np.linalg.norm(one.points[13] - one.points[14])) / one.unit


def _sampled(picture: NDArray[Any], came: Floats) -> NDArray[Any]:
    """(h, w, ...) what of a picture lies at these places."""
    how = cv2.INTER_CUBIC if picture.dtype == np.uint8 else cv2.INTER_LINEAR
    x, y = (np.ascontiguousarray(came[..., k], np.float32) for k in (0, 1))
    return np.asarray(cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REPLICATE))
