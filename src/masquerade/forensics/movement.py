"""How somebody moves: twenty movements of a face and head, and how each goes with every other.

Agarwal et al., "Protecting World Leaders Against Deep Fakes" (2019): which movements go together
when somebody speaks (a nod with raised brows, a smile with a tilt) is much the same on every
occasion, and differs between people. A swap keeps the movements of whoever stood before the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.lids import openings
from masquerade.faces.mesh import LEFT_BROW, LEFT_IRIS, RIGHT_BROW, RIGHT_IRIS
from masquerade.faces.mouth import lips
from masquerade.faces.pose import angles, fit_head
from masquerade.types import Points

Floats = NDArray[np.float64]

RATE_HZ: Final = 25.0
"""Moments a second at which movements are told, whatever the frame rate."""
MOVEMENTS: Final = (
    "lips apart", "mouth wide", "corners raised", "corners uneven", "upper lip raised",
    "lower lip raised", "jaw dropped", "inner brows raised", "outer brows raised", "brows together",
    "eyes open", "look aside", "nose wrinkled", "head turned", "head nodding", "head tilted",
    "turning", "nods", "tilting", "lips moving",
)  # fmt: skip
"""Names of the movements, in order; the last four are how fast others of them change."""
BLOCK_S: Final = 2.4
"""The shortest stretch of which it is told how movements go together."""
PAIRS: Final = len(MOVEMENTS) * (len(MOVEMENTS) - 1) // 2
_SPEEDS: Final = (13, 14, 15, 0)
_UPPER_LIP, _LOWER_LIP = 0, 17  # the edges of the lips outside
_NOSE, _CHIN = 2, 152  # under the nose, and the lowest point of the chin
_WINGS: Final = (129, 358)
_INNER_EYES: Final = (133, 362)
_EYE_CORNERS: Final = (33, 263, *_INNER_EYES)
LEAST_PX: Final = 60.0
"""Size of a face in the frame below which its movement is not told."""
_LEAST_HZ: Final = 15.0
_SPEAKS: Final = 0.008  # deviation of the lips; the least of 22 clips of people who speak is 0.025
_MOVES_DEG: Final = 0.15  # of turns and nods together; the least of the same is 0.6
_GAP_S: Final = 0.3  # without a face, beyond which movements are not told through
_MOST: Final = 0.999  # correlation beyond which its transform is not taken
_STILL: Final = 1e-9
_UPPER: Final = np.triu_indices(len(MOVEMENTS))


def blocks_of(landmarks: Sequence[Points], times_s: Floats) -> list[Floats]:
    """(b, 210) how a face moves, by stretch without gaps in which it speaks and its head moves.

    Args:
        landmarks: (478, 3) in pixels each, of one face, one for each time.
        times_s: (n,) seconds, rising; at least 15 a second, or they are left out.
    """
    found = []
    for run in runs(times_s, least_s=BLOCK_S):
        seen_s = times_s[run]
        if (len(seen_s) - 1) / (seen_s[-1] - seen_s[0]) < _LEAST_HZ:
            continue
        told = movements(landmarks[run], seen_s)
        lips_move, *head_moves = told[:, [0, 13, 14]].std(axis=0)
        if lips_move >= _SPEAKS and sum(head_moves) >= _MOVES_DEG:
            found.append(blocks(told))
    return found


def movements(landmarks: Sequence[Points], times_s: Floats) -> Floats:
    """(m, 20) what a face does at `RATE_HZ`, without what it does on the average.

    Args:
        landmarks: (478, 3) in pixels each, of one face, one for each time.
        times_s: (n,) seconds, rising, without gaps.
    """
    seen = np.array([_shape(one) for one in landmarks])
    at = np.arange(times_s[0], times_s[-1], 1 / RATE_HZ)
    even = np.column_stack([np.interp(at, times_s, values) for values in seen.T])
    if len(even) < 3:
        return np.zeros((0, len(MOVEMENTS)))
    speeds = np.abs(np.gradient(even[:, _SPEEDS], 1 / RATE_HZ, axis=0))
    told = np.column_stack([even, speeds])
    return np.asarray(told - told.mean(axis=0))


def blocks(told: Floats) -> Floats:
    """(b, 210) how movements vary together in each whole block of `BLOCK_S`, as sums of products.

    Blocks can be added: the sum of some tells of all of them as of one stretch.

    Args:
        told: (m, 20) from `movements`, of one stretch.
    """
    size = round(BLOCK_S * RATE_HZ)
    whole = told[: len(told) // size * size].reshape(-1, size, len(MOVEMENTS))
    products = np.einsum("bti,btj->bij", whole, whole)
    return np.asarray(products[:, _UPPER[0], _UPPER[1]])


def together(some: Floats) -> Floats:
    """(190,) how each movement goes with every other: Fisher's transform of the correlations.

    Args:
        some: (b, 210) from `blocks`, at least one.
    """
    count = len(MOVEMENTS)
    products = np.zeros((count, count))
    products[_UPPER] = some.sum(axis=0)
    spread = np.sqrt(np.maximum(np.diag(products), _STILL))
    alike = (products / spread / spread[:, None])[np.triu_indices(count, 1)]
    return np.asarray(np.arctanh(np.clip(alike, -_MOST, _MOST)))


def runs(times_s: Floats, *, least_s: float) -> list[slice]:
    """Stretches of moments without gaps, each at least so long.

    Args:
        times_s: (n,) seconds, rising.
        least_s: Shorter ones are left out.
    """
    if not len(times_s):
        return []
    cuts = np.flatnonzero(np.diff(times_s) > _GAP_S) + 1
    edges = [0, *cuts.tolist(), len(times_s)]
    found = [slice(a, b) for a, b in pairwise(edges)]
    return [one for one in found if times_s[one.stop - 1] - times_s[one.start] >= least_s]


def windows(some: Floats, count: int) -> Floats:
    """(w, 190) how movements go together in every `count` blocks, each half over the one before.

    Args:
        some: (b, 210) from `blocks`, in order of time.
        count: Blocks in a window.
    """
    starts = range(0, len(some) - count + 1, max(1, count // 2))
    told = [together(some[start : start + count]) for start in starts]
    return np.array(told).reshape(-1, PAIRS)


def pair_words(number: int) -> str:
    """Which two movements a pair is, in words.

    Example:
        >>> pair_words(0)
        'lips apart with mouth wide'
    """
    one, other = (int(index[number]) for index in np.triu_indices(len(MOVEMENTS), 1))
    return f"{MOVEMENTS[one]} with {MOVEMENTS[other]}"


def _shape(landmarks: Points) -> list[float]:
    """The sixteen movements that are told from one picture; lengths in distances of the irises."""
    fit = fit_head(landmarks)
    face = ((landmarks - fit.shift) @ fit.turn / fit.scale).astype(np.float32)
    right, left = face[list(RIGHT_BROW)], face[list(LEFT_BROW)]
    corners = face[list(_EYE_CORNERS)].mean(axis=0)
    inner = corners[1] - (right[5, 1] + left[5, 1]) / 2
    outer = corners[1] - (right[0, 1] + left[0, 1]) / 2
    irises = face[[RIGHT_IRIS[0], LEFT_IRIS[0]], 0].mean() - corners[0]
    wings = face[list(_INNER_EYES), 1].mean() - face[list(_WINGS), 1].mean()
    return [
        lips.apart(face),
        lips.width(face),
        lips.raised(face),
        float(face[lips.CORNERS[0], 1] - face[lips.CORNERS[1], 1]),
        float(face[_NOSE, 1] - face[_UPPER_LIP, 1]),
        float(face[_LOWER_LIP, 1] - face[_CHIN, 1]),
        float(face[_CHIN, 1] - face[_NOSE, 1]),
        float(inner),
        float(outer),
        float(right[5, 0] - left[5, 0]),
        float(np.mean(openings(landmarks))),
        float(irises),
        float(wings),
        *angles(fit.turn),
    ]
