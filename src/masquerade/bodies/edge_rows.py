"""What can be told of the pixels near a person's edge, where the place behind is known.

For each pixel: what the network said of it, how far its colour is from the place's, in units of how
far the two pictures differ where nobody is, and how far on the way to the person's colour; and the
same along a line across the edge. Nothing of it depends on how the edge lies in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Floats = NDArray[np.float32]

STEPS: Final = (-9.0, -6.0, -4.0, -2.5, -1.2, 1.2, 2.5, 4.0, 6.0, 9.0)
"""How far from a pixel it is looked, across the edge, in 560ths of the height of the box."""
_USUAL_PX: Final = 560.0
_LEAST_SCALE: Final = 0.6
_EVERY: Final = 3  # rows and columns between two pixels that noise is read from
_FEW: Final = 100  # pixels without anybody, below which noise is guessed
_GUESSED: Final = 100.0  # its square then
_MEDIAN: Final = 0.79  # of the mean square over three colours, in squares of the deviation
_COARSE: Final = 8  # pixels, in which noise is told from place to place
_LOCAL: Final = 0.03  # of the box's height, over which
_SHADE: Final = (0.3, 1.05)  # brightness of a shadow, and of light, by the place's
_SHARE: Final = (1.5, 0.7)  # deviations that say nothing; of the way that is all of it


@dataclass(frozen=True, slots=True)
class Layers:
    """The person and the place, cut to a box around the person.

    Attributes:
        picture: (h, w, 3) uint8 RGB.
        rough: (h, w) in [0, 1] what the network says.
        place: (h, w, 3) uint8 RGB what lies behind.
        known: (h, w) bool where that was seen.
        front: (h, w, 3) uint8 RGB the person's colours, carried on to where the place is.
        free: (h, w) bool where surely nobody is.
    """

    picture: RGB
    rough: Mask
    place: RGB
    known: NDArray[np.bool_]
    front: RGB
    free: NDArray[np.bool_]


def edge_rows(layers: Layers, near: NDArray[np.bool_]) -> Floats:
    """(n, 70) float32 what is told of each pixel that is near the edge.

    Args:
        layers: The person and the place.
        near: (h, w) bool, n of them.
    """
    came = layers.picture.astype(np.float32) - layers.place
    way = layers.front.astype(np.float32) - layers.place
    noise = _noise(layers, came)
    apart, long = _length(came), np.maximum(_length(way), 1)
    quiet, whole = _SHARE
    share = np.clip((apart - quiet * noise) / np.maximum(whole * long - quiet * noise, noise), 0, 1)
    along = np.clip(_dot(came, way) / long**2, -0.5, 1.5)
    told = np.log1p(apart / noise) / 2
    lit = np.log1p(_unlit(layers) / noise) / 2
    scale = max(len(near) / _USUAL_PX, _LEAST_SCALE)
    soft = _blurred(layers.rough, 2.5 * scale)
    edges, edges_behind = _edges(layers.picture), _edges(layers.place)
    (down, right), steep = _across(soft)
    beside = _length(layers.picture.astype(np.float32) - layers.front)
    top = cv2.dilate(apart, np.ones((9, 9), np.uint8))
    plain = (
        layers.rough,
        soft,
        _blurred(layers.rough, 6 * scale),
        steep * (4 * scale),
        told,
        share,
        along,
        lit,
        layers.known.astype(np.float32),
        _blurred(told, 2 * scale),
        _blurred(share, 2 * scale),
        _blurred(lit, 2 * scale),
        apart / (top + noise),
        _blurred(share, 5 * scale),
        _blurred(np.abs(edges - edges_behind), 1.5) / 20,
    )
    found = [one[near] for one in plain]
    found += [np.log1p(one[near]) / 2 for one in (long / noise, beside / 10, edges, edges_behind)]
    found.append(np.log(noise[near]) / 3)
    found += _along((layers.rough, told, along, share, lit), near, (down, right), scale)
    return np.stack(found, axis=1).astype(np.float32)


def seen_again(layers: Layers, near: NDArray[np.bool_], rows: Floats, told: Floats) -> Floats:
    """(n, 85) float32 the same, and what was made of the pixels around.

    Args:
        layers: The person and the place.
        near: (h, w) bool, n of them.
        rows: From `edge_rows`.
        told: (n,) in [0, 1] what was made of them.
    """
    made = (layers.rough > 0.5).astype(np.float32)
    made[near] = told
    scale = max(len(near) / _USUAL_PX, _LEAST_SCALE)
    soft = _blurred(made, 2.5 * scale)
    across, steep = _across(soft)
    plain = (made, _blurred(made, scale), soft, _blurred(made, 5 * scale), steep * (4 * scale))
    more = [one[near] for one in plain] + _along((made,), near, across, scale)
    return np.hstack([rows, np.stack(more, axis=1)]).astype(np.float32)


def _along(
    maps: Sequence[NDArray[np.floating]],
    near: NDArray[np.bool_],
    across: tuple[Floats, Floats],
    scale: float,
) -> list[Floats]:
    """What lies before and behind each pixel, across the edge."""
    rows, columns = np.nonzero(near)
    down, right = (one[near] * np.float32(scale) for one in across)
    high, wide = near.shape
    found = []
    for step in STEPS:
        y = np.clip(np.rint(rows + step * down).astype(np.int32), 0, high - 1)
        x = np.clip(np.rint(columns + step * right).astype(np.int32), 0, wide - 1)
        at = y * wide + x
        found += [one.ravel()[at] for one in maps]
    return found


def _noise(layers: Layers, came: Floats) -> Floats:
    """(h, w) by how much the two pictures differ where nobody is.

    Where the place has edges they differ by more, as they never lie on each other exactly; and
    where something moves.
    """
    square = _dot(came, came) / np.float32(3)
    grey = cv2.cvtColor(layers.place, cv2.COLOR_RGB2GRAY)
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    edges = cv2.GaussianBlur(right * right + down * down, (0, 0), 1.0)
    free = layers.free & layers.known
    some = slice(None, None, _EVERY), slice(None, None, _EVERY)
    there = free[some]
    if np.count_nonzero(there) < _FEW:
        return np.full(free.shape, np.sqrt(3 * _GUESSED), np.float32)
    squares, textures = square[some][there], edges[some][there]
    plain = textures <= np.median(textures)
    floor = max(float(np.median(squares[plain])) / _MEDIAN, 1.0)
    rough = textures >= np.quantile(textures, 0.75)
    more = float(np.median(squares[rough])) / _MEDIAN - floor
    slope = min(max(more / max(float(np.median(textures[rough])), 1.0), 0.0), 1.0)
    usual = floor + slope * edges
    size = max(free.shape[1] // _COARSE, 1), max(free.shape[0] // _COARSE, 1)
    weight = free.astype(np.float32)
    excess = np.minimum(square / usual, 50) * weight
    reach = max(_LOCAL * len(free) / _COARSE, 1.0)
    parts = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (excess, weight)]
    by, of = (cv2.GaussianBlur(one, (0, 0), reach) + np.float32(0.02) for one in parts)
    local = cv2.resize(np.maximum(by / of, 1), free.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.sqrt(3 * usual * local), np.float32)


def _unlit(layers: Layers) -> Floats:
    """(h, w) how far each pixel is from the place's colour in any light: little in a shadow."""
    seen, behind = layers.picture.astype(np.float32), layers.place.astype(np.float32)
    light = np.clip(_dot(seen, behind) / np.maximum(_dot(behind, behind), 1), *_SHADE)
    return _length(seen - light[..., None] * behind)


def _edges(picture: RGB) -> Floats:
    """(h, w) by how much brightness changes from pixel to pixel."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(np.abs(right) + np.abs(down), np.float32)


def _across(soft: Mask) -> tuple[tuple[Floats, Floats], Floats]:
    """((h, w), (h, w)) down and right, which way the person lies, of length 1; how steeply."""
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    steep = np.maximum(np.sqrt(right * right + down * down), np.float32(1e-4))
    ways = np.asarray(down / steep, np.float32), np.asarray(right / steep, np.float32)
    return ways, np.asarray(steep, np.float32)


def _dot(one: NDArray[np.floating], other: NDArray[np.floating]) -> Floats:
    return np.asarray(np.einsum("hwc,hwc->hw", one, other), np.float32)


def _length(colours: NDArray[np.floating]) -> Floats:
    return np.asarray(np.sqrt(_dot(colours, colours)), np.float32)


def _blurred(values: NDArray[np.floating], by: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), by), np.float32)
