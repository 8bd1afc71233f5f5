"""Finds people in one small square picture: the detector of BlazePose.

For each anchor the network gives a box around the head, and four points, as offsets from the
anchor's centre. Two of the points say where the whole person is: the middle of the hips, and a
point straight above it, as far away as the circle around the person reaches. Anchors and decoding
follow the model card and Bazarevsky et al., "BlazePose: On-device Real-time Body Pose Tracking"
(2020).
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

CARD: Final = "body_detector"
SIDE: Final = 224
ANCHORS: Final = Anchors(side=SIDE, layers=((8, 2), (16, 2), (32, 6)))  # 1568 + 392 + 294 = 2254
_SAME: Final = 0.3  # intersection over union from which two boxes are of one person


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


class BodyDetector:
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

    def __call__(self, picture: RGB, *, score: float = 0.5) -> People:
        """People in a square picture, each once.

        Args:
            picture: (224, 224, 3) uint8 RGB.
            score: Least score in (0, 1) that counts.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(picture))
        raw, logits = (first, second) if first.shape[-1] == 12 else (second, first)
        keep = logits[0, :, 0] > np.log(score / (1 - score))
        scores = 1 / (1 + np.exp(-logits[0, keep, 0]))
        return decode(raw[0, keep], self._centres[keep], scores)


def decode(
    raw: NDArray[np.float32], centres: NDArray[np.float32], scores: NDArray[np.float32]
) -> People:
    """People from the network's numbers; those whose boxes overlap are averaged by score.

    Args:
        raw: (n, 12) box centre, width, height and four points, in input pixels from `centres`.
        centres: (n, 2) anchor centres in input pixels.
        scores: (n,) in [0, 1].
    """
    middle, half = raw[:, :2] + centres, raw[:, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = raw[:, 4:].reshape(-1, 4, 2) + centres[:, None]
    left = np.argsort(-scores, kind="stable")
    found: list[NDArray[np.float32]] = []
    best: list[float] = []
    while left.size:
        same = overlap(boxes[left[0]], boxes[left]) > _SAME
        same[0] = True
        group = left[same]
        weight = scores[group] / scores[group].sum()
        found.append(np.einsum("i,ijk->jk", weight, points[group]))
        best.append(float(scores[group[0]]))
        left = left[~same]
    kept = np.array(found, np.float32).reshape(-1, 4, 2)
    return People(kept[:, 0], kept[:, 1], np.array(best, np.float32))
