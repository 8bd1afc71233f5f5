"""Reads 468 surface points off one upright face crop.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from masquerade.models.network import PictureNetwork
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


class FaceMesh(PictureNetwork):
    """The mesh network."""

    card = "face_mesh"
    side = SIDE

    def __call__(self, crop: RGB) -> MeshReading:
        """The mesh of the face in a (192, 192, 3) uint8 RGB crop, its eyes level.

        Raises:
            UsageError: The crop is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(crop))
        flat, logit = (first, second) if first.size == POINTS * 3 else (second, first)
        presence = 1 / (1 + np.exp(-float(logit.ravel()[0])))
        return MeshReading(flat.reshape(POINTS, 3).astype(np.float32), presence)
