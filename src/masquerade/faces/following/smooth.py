"""Landmarks through time without tremble and without lag.

A shot's shapes are split into their principal components, each part of the face by itself, so that
what moves together is one number through time and tremble spreads over all the others. Each number
is then averaged with its neighbours before and after, but only with those that differ from it by
no more than its own tremble (the bilateral filter of Tomasi and Manduchi, 1998, along time): a
face at rest is averaged over a fifth of a second, a blink, a lip or a turn is left as it was. A
local line in place of a local mean keeps steady motion where it is.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.faces import mesh
from masquerade.faces.align import Affine, inverse, moved, similarity
from masquerade.types import Points

Doubles: TypeAlias = NDArray[np.float64]

SPAN_S: Final = 0.08  # standard deviation of the weights in time
_REACH: Final = 2.0  # neighbours within so many standard deviations are looked at
_ALIKE: Final = 1.5  # how far beyond its tremble a number may differ, in units of the tremble
_QUARTILE: Final = 0.3186  # of the absolute value of a normal variable
_LEAST: Final = 1e-6  # tremble assumed where there is none, in eye distances

_LIPS: Final = (*mesh.LIPS, *mesh.INNER_LIPS)
_RIGHT: Final = (*mesh.RIGHT_EYE, *mesh.RIGHT_IRIS)
_LEFT: Final = (*mesh.LEFT_EYE, *mesh.LEFT_IRIS)
_REST: Final = tuple(sorted(set(range(mesh.COUNT)) - {*_LIPS, *_RIGHT, *_LEFT}))
PARTS: Final = (_LIPS, _RIGHT, _LEFT, _REST)


def smooth(landmarks: Points, times_s: Doubles) -> Points:
    """The same landmarks, steadier.

    Args:
        landmarks: (n, 478, 3) float32 in frame pixels, n frames of one face.
        times_s: (n,) seconds, growing.

    Returns:
        (n, 478, 3) float32.
    """
    if len(landmarks) < 3:
        return landmarks
    template = mesh.topology().neutral
    stable = list(mesh.STABLE)
    paths = [similarity(one[stable, :2], template[stable, :2]) for one in landmarks]
    shapes = np.stack([moved(one, path) for one, path in zip(landmarks, paths, strict=True)])
    for part in PARTS:
        index = list(part)
        flat = shapes[:, index].reshape(len(shapes), -1).astype(np.float64)
        shapes[:, index] = _steady(flat, times_s).reshape(len(shapes), len(index), 3)
    kept = _steady_paths(np.stack([inverse(path) for path in paths]), times_s)
    return np.stack([moved(shape, path) for shape, path in zip(shapes, kept, strict=True)])


def _steady_paths(paths: Doubles, times_s: Doubles) -> list[Affine]:
    """frame_from_shape transforms, as where they put three corners of a face, steadied."""
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [0.0, 1.5]])  # in eye distances
    places = np.einsum("nij,kj->nki", paths[:, :, :2], corners) + paths[:, None, :, 2]
    steady = _steady(places.reshape(len(places), -1), times_s)
    return [similarity(corners, one) for one in steady.reshape(places.shape)]


def _steady(values: Doubles, times_s: Doubles) -> Doubles:
    """(n, k) values through time, each principal component filtered by itself.

    Components come from the smaller of the two products of the values with themselves: hundreds
    of frames have a thousand numbers each, and a full decomposition would take longer than finding
    the faces.
    """
    mean = values.mean(axis=0)
    around = values - mean
    if len(values) <= values.shape[1]:
        _, u = np.linalg.eigh(around @ around.T)
        along = u.T @ around  # (n, k): each component's size times its direction
        sizes = np.linalg.norm(along, axis=1)
        kept = sizes > 1e-9 * max(float(sizes.max()), 1e-300)
        directions = along[kept] / sizes[kept, None]
    else:
        _, v = np.linalg.eigh(around.T @ around)
        directions = v.T
    return np.asarray(_filtered(around @ directions.T, times_s) @ directions + mean)


def _filtered(values: Doubles, times_s: Doubles) -> Doubles:
    """(n, k) numbers through time, each the local line through its like, column by column."""
    tremble = _tremble(values, times_s)
    n = len(values)
    reach = _REACH * SPAN_S
    furthest = int(np.max(np.searchsorted(times_s, times_s + reach, "right") - np.arange(n))) - 1
    sums = np.zeros((3, *values.shape))  # of the weights, times time, times time squared
    total, slope = np.zeros_like(values), np.zeros_like(values)
    for step in range(-furthest, furthest + 1):
        rows = np.arange(max(0, -step), min(n, n - step))
        late = times_s[rows + step] - times_s[rows]
        near = np.abs(late) <= reach
        rows, late = rows[near], late[near, None]
        other = values[rows + step]
        excess = np.maximum(np.square(other - values[rows]) - 2 * tremble**2, 0)
        weight = np.exp(-(late**2) / (2 * SPAN_S**2) - excess / (2 * (_ALIKE * tremble) ** 2))
        sums[:, rows] += np.stack([weight, weight * late, weight * late**2])
        total[rows] += weight * other
        slope[rows] += weight * late * other
    return _line(values, sums, total, slope)


def _line(values: Doubles, sums: Doubles, total: Doubles, slope: Doubles) -> Doubles:
    """The weighted line at time 0; the value itself where too little time is covered for a line."""
    s0, s1, s2 = sums
    spread = s0 * s2 - s1**2
    firm = spread > 0.1 * s0 * s0 * SPAN_S**2
    line = (s2 * total - s1 * slope) / np.where(firm, spread, 1.0)
    return np.asarray(np.where(firm, line, values))


def _tremble(values: Doubles, times_s: Doubles) -> Doubles:
    """(k,) standard deviation of each column's tremble: how far the calmer values lie off the line
    between the one before and the one after.
    """
    before, after = np.diff(times_s)[:-1, None], np.diff(times_s)[1:, None]
    share = after / (before + after)
    off = values[1:-1] - share * values[:-2] - (1 - share) * values[2:]
    off /= np.sqrt(1 + share**2 + (1 - share) ** 2)
    return np.asarray(np.maximum(np.quantile(np.abs(off), 0.25, axis=0) / _QUARTILE, _LEAST))
