"""Finds palms in one small square picture: the detector of MediaPipe Hands.

For each anchor the network gives a box around the palm, and seven points, as offsets from the
anchor's centre; two of them, the wrist and the root of the middle finger, say which way up the hand
is. A palm is found better than a hand, for it is nearly square whatever the fingers do. Anchors and
decoding follow the model card and Zhang et al., "MediaPipe Hands: On-device Real-time Hand
Tracking" (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.anchors import AnchorNetwork, Anchors, Detections
from masquerade.types import RGB

CARD: Final = "hand_detector"
SIDE: Final = 192
ANCHORS: Final = Anchors(side=SIDE, layers=((8, 2), (16, 6)))  # 24 x 24 x 2 + 12 x 12 x 6 = 2016
_WRIST, _MIDDLE = 0, 2  # of the seven points


@dataclass(frozen=True, slots=True)
class Palms:
    """Palms found in one picture, surest first.

    Attributes:
        boxes: (n, 4) float32 xyxy in pixels of the picture.
        wrists: (n, 2) float32 xy.
        roots: (n, 2) float32 xy of the root of the middle finger.
        scores: (n,) float32 in [0, 1].
    """

    boxes: NDArray[np.float32]
    wrists: NDArray[np.float32]
    roots: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)


class HandDetector(AnchorNetwork):
    """The network."""

    card = CARD
    anchors = ANCHORS

    def __call__(self, picture: RGB, *, score: float = 0.5) -> Palms:
        """Palms in a square picture, each once.

        Args:
            picture: (192, 192, 3) uint8 RGB.
            score: Least score in (0, 1) that counts.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        return palms_of(self.detections(picture, score=score))


def palms_of(found: Detections) -> Palms:
    """What was found, as palms.

    Args:
        found: With seven points each.
    """
    return Palms(found.boxes, found.points[:, _WRIST], found.points[:, _MIDDLE], found.scores)
