"""Reads eyelids and iris off one eye crop.

Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry" (2020).
The network knows the eye at the left of the picture of an upright face (the person's right one);
the other eye is shown to it mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from masquerade.models.network import PictureNetwork
from masquerade.types import RGB, Points

SIDE = 64
LID_POINTS, IRIS_POINTS = 71, 5


@dataclass(frozen=True, slots=True)
class EyeReading:
    """What the iris network says of one crop, in crop pixels.

    Attributes:
        lids: (71, 3) float32 eyelid contour (the first 16), skin around the eye and brow.
        iris: (5, 3) float32 centre of the iris and four points of its edge.
    """

    lids: Points
    iris: Points


class Iris(PictureNetwork):
    """The iris network."""

    card = "iris"
    side = SIDE

    def __call__(self, crop: RGB) -> EyeReading:
        """Eyelids and iris in a (64, 64, 3) uint8 RGB crop of the eye at the picture's left.

        Raises:
            UsageError: The crop is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(crop))
        lids, iris = (first, second) if first.size == LID_POINTS * 3 else (second, first)
        return EyeReading(
            lids.reshape(LID_POINTS, 3).astype(np.float32),
            iris.reshape(IRIS_POINTS, 3).astype(np.float32),
        )
