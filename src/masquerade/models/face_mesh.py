"""Reads 468 surface points off one upright face crop.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from masquerade.models.session import Session, open_session
from masquerade.types import RGB, Points

SIDE = 192
POINTS = 468


@dataclass(frozen=True, slots=True)
class MeshReading:
    """What the mesh network says of one crop.

    Attributes:
        points: (468, 3) float32 in crop pixels, a pixel's centre at whole numbers; z in the same
            scale, growing away from the camera.
        presence: How surely there is a face in the crop, in [0, 1].
    """

    points: Points
    presence: float


class FaceMesh:
    """The mesh network.

    Args:
        session: The loaded weights.
    """

    side = SIDE

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def open(cls, *, threads: int = 1) -> Self:
        """The network with its weights loaded (fetched on first use)."""
        return cls(open_session("face_mesh", threads=threads))

    def __call__(self, crop: RGB) -> MeshReading:
        """The mesh of the face in a (192, 192, 3) uint8 RGB crop, its eyes level."""
        values = crop.astype(np.float32)[None] / 255.0  # (1, 192, 192, 3)
        first, second = self._session(values)
        flat, logit = (first, second) if first.size == POINTS * 3 else (second, first)
        presence = 1 / (1 + np.exp(-float(logit.ravel()[0])))
        return MeshReading(flat.reshape(POINTS, 3).astype(np.float32), presence)
