"""Finds people in one small square picture: the detector of BlazePose.

For each anchor the network gives a box around the head, and four points, as offsets from the
anchor's centre. Two of the points say where the whole person is: the middle of the hips, and a
point straight above it, as far away as the circle around the person reaches. Anchors and decoding
follow the model card and Bazarevsky et al., "BlazePose: On-device Real-time Body Pose Tracking"
(2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.anchors import AnchorNetwork, Anchors, Detections
from masquerade.types import RGB

CARD: Final = "body_detector"
SIDE: Final = 224
ANCHORS: Final = Anchors(side=SIDE, layers=((8, 2), (16, 2), (32, 6)))  # 1568 + 392 + 294 = 2254


@dataclass(frozen=True, slots=True)
class People:
    """People found in one picture, surest first.

    Attributes:
        hips: (n, 2) float32 xy of the middle of the hips, in pixels of the picture.
        reach: (n, 2) float32 xy of the point above it on the circle around the person.
        scores: (n,) float32 in [0, 1].
    """

    hips: NDArray[np.float32]
    reach: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)


class BodyDetector(AnchorNetwork):
    """The network."""

    card = CARD
    anchors = ANCHORS

    def __call__(self, picture: RGB, *, score: float = 0.5) -> People:
        """People in a square picture, each once.

        Args:
            picture: (224, 224, 3) uint8 RGB.
            score: Least score in (0, 1) that counts.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        return people_of(self.detections(picture, score=score))


def people_of(found: Detections) -> People:
    """What was found, as people.

    Args:
        found: With four points each: the middle of the hips, the reach above it, and two more.
    """
    return People(found.points[:, 0], found.points[:, 1], found.scores)
