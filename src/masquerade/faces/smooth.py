"""Landmarks through time without tremble and without lag.

Every frame is compared with its neighbours on both sides, and averaged with those that look alike:
the bilateral filter of Tomasi and Manduchi (1998), along time. A face at rest is averaged over a
fifth of a second; a blink, a lip or a turn differs from its neighbours and is left as it was. A
local line instead of a local mean keeps steady motion in place.
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
_ALIKE: Final = 1.5  # how far beyond the noise two frames may differ, in units of it
_NOISE: Final = (3e-4, 6e-3)  # least and greatest noise assumed, in eye distances

# Parts that move by themselves; each is compared with itself only.
_LIP_RINGS: Final = (*mesh.LIPS, *mesh.INNER_LIPS)
_REGIONS: Final = (
    _LIP_RINGS,
    (*mesh.RIGHT_EYE, *mesh.RIGHT_IRIS),
    (*mesh.LEFT_EYE, *mesh.LEFT_IRIS),
)


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
    steady = _steady_shapes(shapes.astype(np.float64), times_s)
    kept = _steady_paths(np.stack([inverse(path) for path in paths]), times_s)
    return np.stack([moved(shape, path) for shape, path in zip(steady, kept, strict=True)])


def _steady_shapes(shapes: Doubles, times_s: Doubles) -> Doubles:
    """(n, 478, 3) shapes in eye distances, each region averaged with its like."""
    made = np.empty_like(shapes)
    whole = _filtered(shapes.reshape(len(shapes), -1), shapes[:, :, :2], times_s)
    made[:] = whole.reshape(shapes.shape)
    for region in _REGIONS:
        index = list(region)
        part = shapes[:, index]
        values = part.reshape(len(part), -1)
        made[:, index] = _filtered(values, part[:, :, :2], times_s).reshape(part.shape)
    return made


def _steady_paths(paths: Doubles, times_s: Doubles) -> list[Affine]:
    """frame_from_shape transforms, averaged with their like."""
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [0.0, 1.5]])  # of a face in eye distances
    scale = np.sqrt(np.abs(np.linalg.det(paths[:, :, :2])))
    unit = float(np.median(scale))
    places = np.einsum("nij,kj->nki", paths[:, :, :2], corners) + paths[:, None, :, 2]
    steady = _filtered(places.reshape(len(places), -1), places / unit, times_s)
    return [similarity(corners, one) for one in steady.reshape(places.shape)]


def _filtered(values: Doubles, marks: Doubles, times_s: Doubles) -> Doubles:
    """(n, k) values, each row the local line through the rows whose marks are like its own.

    Args:
        values: (n, k) what is averaged.
        marks: (n, m, 2) points that are compared, in eye distances.
        times_s: (n,) seconds.
    """
    noise = _noise(marks)
    n = len(values)
    reach = _REACH * SPAN_S
    sums = np.zeros((n, 3))  # of the weights, times time, times time squared
    total, slope = np.zeros_like(values), np.zeros_like(values)
    furthest = int(np.max(np.searchsorted(times_s, times_s + reach, "right") - np.arange(n))) - 1
    for step in range(-furthest, furthest + 1):
        rows = np.arange(max(0, -step), min(n, n - step))
        late = times_s[rows + step] - times_s[rows]
        near = np.abs(late) <= reach
        rows, late = rows[near], late[near]
        other = rows + step
        apart = np.square(marks[rows] - marks[other]).sum(axis=2).mean(axis=1)
        excess = np.maximum(apart - 2 * noise**2, 0)
        weight = np.exp(-(late**2) / (2 * SPAN_S**2) - excess / (2 * (_ALIKE * noise) ** 2))
        sums[rows] += weight[:, None] * np.stack([np.ones_like(late), late, late**2], axis=1)
        total[rows] += weight[:, None] * values[other]
        slope[rows] += (weight * late)[:, None] * values[other]
    return _line(sums, total, slope)


def _line(sums: Doubles, total: Doubles, slope: Doubles) -> Doubles:
    """The value at time 0 of the weighted line; the mean where a line would be a guess."""
    s0, s1, s2 = (sums[:, i, None] for i in range(3))
    spread = s0 * s2 - s1**2
    mean = total / s0
    firm = spread > 0.1 * s0 * s0 * SPAN_S**2
    line = (s2 * total - s1 * slope) / np.where(firm, spread, 1.0)
    return np.where(firm, line, mean)


def _noise(marks: Doubles) -> float:
    """Standard deviation of the tremble of marks at rest, from the calmest second differences."""
    bend = marks[:-2] - 2 * marks[1:-1] + marks[2:]
    rms = np.sqrt(np.square(bend).sum(axis=2).mean(axis=1) / 6)
    return float(np.clip(np.quantile(rms, 0.25), *_NOISE))
