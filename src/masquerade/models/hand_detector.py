"""Finds palms in one small square picture: the detector of MediaPipe Hands.

For each anchor the network gives a box around the palm, and seven points, as offsets from the
anchor's centre; two of them, the wrist and the root of the middle finger, say which way up the hand
is. A palm is found better than a hand, for it is nearly square whatever the fingers do. Anchors and
decoding follow the model card and Zhang et al., "MediaPipe Hands: On-device Real-time Hand
Tracking" (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.models.card import card
from masquerade.models.face_detector import Anchors, overlap
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress
from masquerade.types import RGB

CARD: Final = "hand_detector"
SIDE: Final = 192
ANCHORS: Final = Anchors(side=SIDE, layers=((8, 2), (16, 6)))  # 24 x 24 x 2 + 12 x 12 x 6 = 2016
_SAME: Final = 0.3  # intersection over union from which two boxes are of one palm
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


class HandDetector:
    """The network.

    Args:
        session: The loaded weights.
    """

    side = SIDE

    def __init__(self, session: Session) -> None:
        self._session, self._input = session, card(CARD).pictures
        self._centres = ANCHORS.centres()

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The network with its weights loaded, fetched on first use as `progress` is told."""
        return cls(open_session(CARD, threads=threads, progress=progress))

    def __call__(self, picture: RGB, *, score: float = 0.5) -> Palms:
        """Palms in a square picture, each once.

        Args:
            picture: (192, 192, 3) uint8 RGB.
            score: Least score in (0, 1) that counts.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(picture))
        raw, logits = (first, second) if first.shape[-1] == 18 else (second, first)
        keep = logits[0, :, 0] > np.log(score / (1 - score))
        scores = 1 / (1 + np.exp(-logits[0, keep, 0]))
        return decode(raw[0, keep], self._centres[keep], scores)


def decode(
    raw: NDArray[np.float32], centres: NDArray[np.float32], scores: NDArray[np.float32]
) -> Palms:
    """Palms from the network's numbers; those whose boxes overlap are averaged by score.

    Args:
        raw: (n, 18) box centre, width, height and seven points, in input pixels from `centres`.
        centres: (n, 2) anchor centres in input pixels.
        scores: (n,) in [0, 1].
    """
    middle, half = raw[:, :2] + centres, raw[:, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = raw[:, 4:].reshape(-1, 7, 2) + centres[:, None]
    left = np.argsort(-scores, kind="stable")
    found: list[NDArray[np.float32]] = []
    best: list[float] = []
    while left.size:
        same = overlap(boxes[left[0]], boxes[left]) > _SAME
        same[0] = True
        group = left[same]
        weight = scores[group] / scores[group].sum()
        marks = points[group][:, (_WRIST, _MIDDLE)].reshape(len(group), 4)
        found.append(weight @ np.concatenate([boxes[group], marks], axis=1))
        best.append(float(scores[group[0]]))
        left = left[~same]
    kept = np.array(found, np.float32).reshape(-1, 8)
    return Palms(kept[:, :4], kept[:, 4:6], kept[:, 6:], np.array(best, np.float32))
