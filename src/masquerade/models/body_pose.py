"""Reads the joints of one person off an upright square crop: the landmark network of BlazePose.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose Tracking" (2020). Besides the 33 joints
the network gives the two points that say where the next crop should lie, so that a person who was
found once can be followed without looking for them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import PictureNetwork
from masquerade.types import RGB, Mask, Points

CARD: Final = "body_pose"
SIDE: Final = 256
JOINTS: Final = 33
_ALL: Final = 39


@dataclass(frozen=True, slots=True)
class PoseReading:
    """What the network says of one crop.

    Attributes:
        joints: (33, 3) float32 in crop pixels; z in the same scale from the middle of the hips,
            growing away from the camera.
        seen: (33,) float32 in [0, 1] how surely a joint is in sight.
        metres: (33, 3) float32 the joints in metres from the middle of the hips.
        hips: (2,) float32 where the middle of the next crop lies, in crop pixels.
        reach: (2,) float32 the point above it on the circle around the person.
        score: How surely there is a person in the crop, in [0, 1].
        mask: (256, 256) float32 in [0, 1] which pixels are that person.
    """

    joints: Points
    seen: NDArray[np.float32]
    metres: Points
    hips: Points
    reach: Points
    score: float
    mask: Mask


class BodyPose(PictureNetwork):
    """The network."""

    card = CARD
    side = SIDE

    def __call__(self, crop: RGB) -> PoseReading:
        """The joints of the person in a (256, 256, 3) uint8 RGB crop, upright and centred.

        Raises:
            UsageError: The crop is not of that shape and type.
        """
        by_size = {one.size: one for one in self._session(self._input.tensor(crop))}
        points = by_size[_ALL * 5].reshape(_ALL, 5)  # x, y, z, visibility, presence
        metres = by_size[_ALL * 3].reshape(_ALL, 3)
        return PoseReading(
            joints=points[:JOINTS, :3].astype(np.float32),
            seen=_sigmoid(points[:JOINTS, 3]),
            metres=metres[:JOINTS].astype(np.float32),
            hips=points[JOINTS, :2].astype(np.float32),
            reach=points[JOINTS + 1, :2].astype(np.float32),
            score=float(by_size[1].ravel()[0]),
            mask=_sigmoid(by_size[SIDE * SIDE].reshape(SIDE, SIDE)),
        )


def _sigmoid(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
