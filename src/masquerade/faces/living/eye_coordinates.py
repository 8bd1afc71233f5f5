"""Coordinates of an eye, in which the same eye of two pictures lies at the same place.

u runs from -1 at the outer corner to 1 at the inner one, v down, 0 on the line between the corners.
Both have the same unit in the face's plane, so that a turned eye keeps its height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    interocular_px,
)
from masquerade.types import Points

Field: TypeAlias = NDArray[np.float32]

EYES: Final = (
    (RIGHT_EYE, RIGHT_IRIS, RIGHT_BROW),
    (LEFT_EYE, LEFT_IRIS, LEFT_BROW),
)
_HALF_WIDTH: Final = 0.23  # of an eye, in distances of the eyes' middles


@dataclass(frozen=True, slots=True)
class Edges:
    """Where the lids lie: v of the upper and of the lower edge at rising u, in eye coordinates."""

    u: Field
    upper: Field
    lower: Field

    def at(self, u: Field) -> tuple[Field, Field]:
        """Where the upper and the lower edge lie at u, each of its shape."""
        flat = u.ravel()
        upper = np.interp(flat, self.u, self.upper).reshape(u.shape).astype(np.float32)
        lower = np.interp(flat, self.u, self.lower).reshape(u.shape).astype(np.float32)
        return upper, lower


def unit_px_of(landmarks: Points) -> float:
    """Pixels for each unit of v.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return _HALF_WIDTH * max(interocular_px(landmarks), 1.0)


def height_px(landmarks: Points, ring: tuple[int, ...]) -> float:
    """Pixels between the middles of the lids."""
    return float(np.hypot(*(landmarks[ring[12], :2] - landmarks[ring[4], :2])))


def eye_coordinates(
    landmarks: Points, ring: tuple[int, ...], unit_px: float
) -> NDArray[np.float64]:
    """(2, 3) transform from pixels to eye coordinates.

    Args:
        landmarks: (478, 3) in pixels.
        ring: The eye's points, from its outer corner over the upper lid.
        unit_px: From `unit_px_of`.
    """
    outer, inner = (landmarks[ring[k], :2].astype(np.float64) for k in (0, 8))
    x, y = (inner - outer) / 2
    square = max(x * x + y * y, 1e-6)
    down = np.array([-y, x]) * ((1 if x > 0 else -1) / np.sqrt(square) / unit_px)
    back = np.stack([np.array([x, y]) / square, down])
    return np.column_stack([back, -back @ ((outer + inner) / 2)])


def moved_to(points: NDArray[np.float32], transform: NDArray[np.float64]) -> Field:
    """(n, 2) points after a (2, 3) transform."""
    return np.asarray(points @ transform[:, :2].T + transform[:, 2], np.float32)


def edges_of(
    landmarks: Points, ring: tuple[int, ...], eye_from_picture: NDArray[np.float64]
) -> Edges:
    """Where the lids of an eye lie; where they would cross, they meet.

    Args:
        landmarks: (478, 3) in pixels.
        ring: The eye's points, from its outer corner over the upper lid.
        eye_from_picture: From `eye_coordinates`.
    """
    places = moved_to(landmarks[list(ring), :2], eye_from_picture)
    upper, lower = places[:9], np.concatenate([places[:1], places[:7:-1]])
    u = np.linspace(-1, 1, 41, dtype=np.float32)
    top, bottom = (
        np.interp(u, np.maximum.accumulate(row[:, 0]), row[:, 1]) for row in (upper, lower)
    )
    middle = (top + bottom) / 2
    crossed = top > bottom
    top, bottom = np.where(crossed, middle, top), np.where(crossed, middle, bottom)
    return Edges(u, top.astype(np.float32), bottom.astype(np.float32))


def ramp(value: Field | np.float32) -> Field:
    """0 below 0, 1 above 1, smooth between."""
    inside = np.clip(value, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)
