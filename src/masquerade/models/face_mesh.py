"""Reads 468 surface points off one upright face crop.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from masquerade.models.card import card
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress
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
        self._session, self._input = session, card("face_mesh").pictures

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The network with its weights loaded, fetched on first use as `progress` is told."""
        return cls(open_session("face_mesh", threads=threads, progress=progress))

    def __call__(self, crop: RGB) -> MeshReading:
        """The mesh of the face in a (192, 192, 3) uint8 RGB crop, its eyes level.

        Raises:
            UsageError: The crop is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(crop))
        flat, logit = (first, second) if first.size == POINTS * 3 else (second, first)
        presence = 1 / (1 + np.exp(-float(logit.ravel()[0])))
        return MeshReading(flat.reshape(POINTS, 3).astype(np.float32), presence)
