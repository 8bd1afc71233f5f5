"""Reads 21 points of one hand off an upright square crop: the landmark network of MediaPipe Hands.

Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking" (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.models.network import PictureNetwork
from masquerade.types import RGB, Points

CARD: Final = "hand_pose"
SIDE: Final = 224
POINTS: Final = 21


@dataclass(frozen=True, slots=True)
class HandReading:
    """What the network says of one crop.

    Attributes:
        points: (21, 3) float32 in crop pixels: the wrist, then four of each finger from its root to
            its tip, the thumb first; z in the same scale from the wrist, growing away from the
            camera.
        score: How surely there is a hand in the crop, in [0, 1].
        right: How surely it is a right hand, in [0, 1], in a picture that is not mirrored.
    """

    points: Points
    score: float
    right: float


class HandPose(PictureNetwork):
    """The network."""

    card = CARD
    side = SIDE

    def __call__(self, crop: RGB) -> HandReading:
        """The points of the hand in a (224, 224, 3) uint8 RGB crop, fingers up and centred.

        Raises:
            UsageError: The crop is not of that shape and type.
        """
        points, score, mirrored_right, _ = self._session(self._input.tensor(crop))
        return HandReading(
            points=points.reshape(POINTS, 3).astype(np.float32),
            score=float(score.ravel()[0]),
            right=1 - float(mirrored_right.ravel()[0]),
        )
