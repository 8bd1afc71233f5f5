"""What a mouth does as ten numbers: the lower face as it lies on the skull, in its main components.

A mesh is laid over the neutral face by the points that do not move when somebody speaks; what is
left of lips, jaw and cheeks is speech and expression. Its principal components over a person's own
footage are numbers that hardly depend on each other, each with a deviation of 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, LIPS, SURFACE, topology
from masquerade.faces.pose import HeadFit, fit_head
from masquerade.types import Points

Shapes: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float32]

PARTS: Final = 10
"""Numbers that say a mouth's shape."""
_DEPTH: Final = 0.3  # weight of what lies in depth, where a mesh is least sure
_MOVES: Final = (0.60, 0.86)  # down the neutral face: from where skin moves with speech, and fully
_PAIRS: Final = ((13, 14), (82, 87), (312, 317))  # of the inner lips, upper and lower
_CALM: Final = 1e-3  # deviation assumed where a shape never changes, in interocular distances


def _moving() -> NDArray[np.float32]:
    """(468,) in [0, 1] how far a point goes along with the mouth."""
    low, high = _MOVES
    down = np.clip((topology().neutral[:SURFACE, 1] - low) / (high - low), 0, 1)
    share = np.asarray(down * down * (3 - 2 * down), np.float32)
    share[list({*LIPS, *INNER_LIPS})] = 1.0
    return share


def moving() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """(k,) the points that move with speech, and (k,) in (0, 1] how far each goes along."""
    share = _moving()
    index = np.flatnonzero(share > 0)
    return index, share[index]


@cache
def of_lips() -> NDArray[np.bool_]:
    """(k,) which of the moving points lie on the lips."""
    neutral = topology().neutral[:, :2]
    ring = np.ascontiguousarray(neutral[list(LIPS)])
    on = [cv2.pointPolygonTest(ring, neutral[point].tolist(), False) >= 0 for point in moving()[0]]
    return np.asarray(np.isin(moving()[0], [*LIPS, *INNER_LIPS]) | np.array(on), np.bool_)


def on_skull(landmarks: Points, head: HeadFit | None = None) -> Points:
    """(n, 3) a mesh as it lies on the neutral face, in interocular distances.

    Args:
        landmarks: (n >= 468, 3) in frame pixels.
        head: From `fit_head`, where it is known already.
    """
    fit = head or fit_head(landmarks)
    return np.asarray((landmarks - fit.shift) @ fit.turn / fit.scale, np.float32)


@dataclass(frozen=True, slots=True)
class MouthSpace:
    """The mouth shapes of one person.

    Attributes:
        mean: (k, 3) float32 the moving points in the middle of all shapes, on the neutral face.
        parts: (10, k, 3) float32 how they move with each number.
        least: Numbers that no mouth of the footage went below, (10,), and
        most: above.
        closed: Opening of the lips when they are shut, in interocular distances.
        rest: (10,) the shape of the mouth that says nothing.
    """

    mean: Points
    parts: NDArray[np.float32]
    least: NDArray[np.float32]
    most: NDArray[np.float32]
    closed: float
    rest: NDArray[np.float32]

    @classmethod
    def of(cls, skulls: Sequence[Points]) -> MouthSpace:
        """The space of a person's shapes.

        Args:
            skulls: (468 or more, 3) each, from `on_skull`.
        """
        index, _ = moving()
        weight = np.array([1, 1, _DEPTH])
        flat = np.stack([(one[index] * weight).ravel() for one in skulls]).astype(np.float64)
        mean = flat.mean(axis=0)
        size, along = np.linalg.eigh((flat - mean).T @ (flat - mean) / len(flat))
        size, along = size[::-1][:PARTS], along[:, ::-1][:, :PARTS].T
        spread = np.sqrt(np.maximum(size, 0)) + _CALM
        middle = (mean.reshape(-1, 3) / weight).astype(np.float32)
        parts = ((along * spread[:, None]).reshape(PARTS, -1, 3) / weight).astype(np.float32)
        shapes = (((flat - mean) @ along.T) / spread).astype(np.float32)
        gaps = np.array([_gap(one) for one in skulls])
        calm = shapes[gaps <= np.quantile(gaps, 0.25)]
        return cls(
            middle,
            parts,
            np.quantile(shapes, 0.002, axis=0).astype(np.float32),
            np.quantile(shapes, 0.998, axis=0).astype(np.float32),
            float(np.quantile(gaps, 0.04)),
            np.median(calm, axis=0).astype(np.float32),
        )

    def shape_of(self, skull: Points) -> NDArray[np.float32]:
        """(10,) float32 the shape of a mesh's mouth.

        Args:
            skull: (468 or more, 3) from `on_skull`.
        """
        index, _ = moving()
        weight = np.array([1, 1, _DEPTH**2], np.float32)
        away = ((skull[index] - self.mean) * weight).ravel()
        flat = self.parts.reshape(PARTS, -1)
        size = ((self.parts**2) * weight).sum(axis=(1, 2))
        return np.asarray(flat @ away / size, np.float32)

    def points(self, shape: NDArray[np.float32]) -> Points:
        """(k, 3) float32 the moving points of a shape, on the neutral face.

        Args:
            shape: (10,).
        """
        return np.asarray(self.mean + np.tensordot(shape, self.parts, 1), np.float32)

    def openings(self, shapes: Shapes) -> NDArray[np.float32]:
        """(n,) how far the inner lips are apart, in interocular distances.

        Args:
            shapes: (n, 10).
        """
        base, slope = self._opening()
        return np.asarray(base + shapes @ slope, np.float32)

    def opened(
        self, shapes: Shapes, most: NDArray[np.float32], firm: NDArray[np.float32]
    ) -> Shapes:
        """(n, 10) the shapes with their lips no further apart than is said, changed the least.

        Args:
            shapes: (n, 10).
            most: (n,) opening in interocular distances.
            firm: (n,) in [0, 1] how far that is insisted on.
        """
        _, slope = self._opening()
        excess = np.maximum(self.openings(shapes) - most, 0) * firm
        return np.asarray(shapes - excess[:, None] * slope / (slope @ slope), np.float32)

    def _opening(self) -> tuple[float, NDArray[np.float32]]:
        """The opening of the mean, and how it grows with each number."""
        index, _ = moving()
        place = {int(point): k for k, point in enumerate(index)}
        upper, lower = ([place[pair[k]] for pair in _PAIRS] for k in (0, 1))
        base = float((self.mean[lower, 1] - self.mean[upper, 1]).mean())
        return base, (self.parts[:, lower, 1] - self.parts[:, upper, 1]).mean(axis=1)


def opening(skull: Points) -> float:
    """How far the inner lips of a mesh are apart, in interocular distances; below 0 pressed shut.

    Args:
        skull: (468 or more, 3) from `on_skull`.
    """
    return _gap(skull)


def _gap(skull: Points) -> float:
    return float(np.mean([skull[lower, 1] - skull[upper, 1] for upper, lower in _PAIRS]))
