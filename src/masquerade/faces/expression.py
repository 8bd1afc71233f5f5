"""Expressions of one person said in the words of another's: one basis that both share.

A face is turned to the camera and scaled to the neutral one; what is left against the person's
own mean is expression. The basis is the source's: what a target does is looked for among what the
source is known to do, and is kept within the range in which the source was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    SURFACE,
)
from masquerade.faces.proportion import Proportion
from masquerade.types import Points

_EXPRESSIVE: Final = (*LIPS, *INNER_LIPS, *LEFT_BROW, *RIGHT_BROW, *LEFT_EYE, *RIGHT_EYE)
MOST_MOVEMENTS: Final = 25
_UPPER: Final = [81, 82, 13, 312, 311]  # inner edge of the upper lip
_LOWER: Final = [178, 87, 14, 317, 402]
_DEPTH: Final = 0.3  # z of a mesh is guessed, so it counts less
_REST: Final = 0.3  # weight of points away from lips, eyes and brows
_BEYOND: Final = 0.35  # of the source's range, by which an expression may go beyond it
_SLOW: Final = 8.0  # frames after which a target's own mean counts as much as the source's
_NOISE: Final = 0.012  # of a mesh, in interocular distances


@dataclass(frozen=True, slots=True)
class ExpressionBasis:
    """What one person's face is known to do.

    Attributes:
        mean: (1404,) float32 the person's mean face, weighted.
        parts: (m, 1404) float32 orthonormal movements, the greatest first.
        spread: (m,) float32 standard deviation of each.
        low: (m,) float32 least value seen.
        high: (m,) float32 greatest value seen.
    """

    mean: NDArray[np.float32]
    parts: NDArray[np.float32]
    spread: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]

    @classmethod
    def of(cls, meshes: Sequence[Points]) -> tuple[ExpressionBasis, NDArray[np.float32]]:
        """The basis of a person, and (n, m) what each of the meshes is in it.

        Args:
            meshes: (478, 3) each, in pixels; at least one.
        """
        rows = np.stack([flattened(mesh) for mesh in meshes])
        mean = rows.mean(axis=0)
        powers, left = np.linalg.eigh((rows - mean) @ (rows - mean).T)
        spread = np.sqrt(np.maximum(powers[::-1], 0) / len(rows))
        count = max(1, min(MOST_MOVEMENTS, int((spread > _NOISE).sum())))
        parts = left[:, ::-1][:, :count].T @ (rows - mean)
        parts /= np.maximum(np.linalg.norm(parts, axis=1, keepdims=True), 1e-9)
        said = (rows - mean) @ parts.T
        low, high = np.quantile(said, (0.01, 0.99), axis=0)
        basis = cls(
            mean.astype(np.float32),
            parts.astype(np.float32),
            np.maximum(spread[:count], _NOISE).astype(np.float32),
            low.astype(np.float32),
            high.astype(np.float32),
        )
        return basis, said.astype(np.float32)

    def within(self, said: NDArray[np.float32]) -> NDArray[np.float32]:
        """(m,) an expression kept, softly, within what the person was seen to do."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2 + 1e-6
        away = (said - middle) / half
        room = np.float32(_BEYOND)
        beyond = np.maximum(np.abs(away) - 1, 0)
        kept = np.sign(away) * (np.minimum(np.abs(away), 1) + room * np.tanh(beyond / room))
        return np.asarray(middle + kept * half, np.float32)

    def shape(self, said: NDArray[np.float32]) -> NDArray[np.float32]:
        """(468, 3) the face that does this, in the units of `Proportion`.

        Args:
            said: (m,) an expression.
        """
        flat = self.mean + said @ self.parts
        return np.asarray(flat.reshape(SURFACE, 3) / _weights(), np.float32)

    def opening(self) -> NDArray[np.float32]:
        """(m,) how far each movement opens the mouth: that is the same for everybody."""
        parts = self.parts.reshape(len(self.parts), SURFACE, 3)
        return np.asarray((parts[:, _LOWER, 1] - parts[:, _UPPER, 1]).mean(axis=1), np.float32)

    def lips(self) -> NDArray[np.float32]:
        """(m, 120) how each movement moves the lips."""
        index = [*LIPS, *INNER_LIPS]
        parts = self.parts.reshape(len(self.parts), SURFACE, 3)[:, index]
        return np.asarray(parts.reshape(len(self.parts), -1))


@dataclass(slots=True)
class Translator:
    """What another person does, frame by frame, in the words of a basis.

    Attributes:
        basis: The source's.
        seen: Frames so far.
        own: (m,) running mean of what this person's face says at rest.
    """

    basis: ExpressionBasis
    seen: int = 0
    own: NDArray[np.float32] | None = None

    def __call__(self, landmarks: Points) -> NDArray[np.float32]:
        """(m,) the expression of a frame, within the source's range.

        Args:
            landmarks: (478, 3) in pixels.
        """
        said = self.basis.parts @ (flattened(landmarks) - self.basis.mean)
        self.seen += 1
        own = said if self.own is None else self.own + (said - self.own) / np.float32(self.seen)
        self.own = own
        share = np.float32(self.seen / (self.seen + _SLOW))
        opens = self.basis.opening()
        rest = own - opens * (opens @ own / max(float(opens @ opens), 1e-9))
        return self.basis.within(np.asarray(said - share * rest, np.float32))


def flattened(landmarks: Points) -> NDArray[np.float32]:
    """(1404,) a mesh turned to the camera, its points weighted by how much they express.

    Args:
        landmarks: (478, 3) in pixels.
    """
    points = Proportion.of(landmarks).points[:SURFACE] * _weights()
    return np.asarray(points.ravel(), np.float32)


def _weights() -> NDArray[np.float32]:
    weights = np.full((SURFACE, 3), _REST, np.float32)
    weights[list(_EXPRESSIVE)] = 1
    weights[:, 2] *= _DEPTH
    return weights
