"""What detectors with anchors share: BlazeFace, BlazePose and the palms of MediaPipe Hands.

For each anchor such a network gives a box, some points as offsets from the anchor's centre, and how
sure it is. Blending what overlaps is steadier than keeping the best (Bazarevsky et al., "BlazeFace:
Sub-millisecond Neural Face Detection on Mobile GPUs", 2019, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import PictureNetwork
from masquerade.models.session import Session
from masquerade.types import RGB

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found in one picture, surest first.

    Attributes:
        boxes: (n, 4) float32 xyxy in pixels of the picture; edges, not pixel centres.
        scores: (n,) float32 in [0, 1].
        points: (n, k, 2) float32 xy: those that the network gives.
    """

    boxes: Floats
    scores: Floats
    points: Floats

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where a network looks: its input side, and (stride, anchors a cell) per feature map."""

    side: int
    layers: tuple[tuple[int, int], ...]

    def centres(self) -> Floats:
        """(n, 2) float32 anchor centres in input pixels, in the order of the network's output."""
        maps = []
        for stride, per_cell in self.layers:
            cells = np.arange(self.side // stride, dtype=np.float32) * stride + stride / 2
            x, y = np.meshgrid(cells, cells)
            grid = np.stack([x.ravel(), y.ravel()], axis=1)
            maps.append(np.repeat(grid, per_cell, axis=0))
        return np.concatenate(maps)


class AnchorNetwork(PictureNetwork):
    """A network that finds things by anchors.

    Args:
        session: The loaded weights.
    """

    anchors: ClassVar[Anchors]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.side, self._centres = self.anchors.side, self.anchors.centres()

    def detections(self, picture: RGB, *, score: float) -> Detections:
        """What the network sees in a square picture of its side, each thing once.

        Args:
            picture: (side, side, 3) uint8 RGB.
            score: Least score in (0, 1) that counts.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        return detect(self._session, self._input.tensor(picture), self._centres, score=score)


def detect(session: Session, tensor: Floats, centres: Floats, *, score: float) -> Detections:
    """What a network sees, each thing once.

    Args:
        session: The loaded weights; its two answers may come in any order.
        tensor: The picture as the network takes it.
        centres: (n, 2) anchor centres in input pixels.
        score: Least score in (0, 1) that counts.
    """
    first, second = session(tensor)
    raw, logits = (second, first) if first.shape[-1] == 1 else (first, second)
    keep = logits[0, :, 0] > np.log(score / (1 - score))
    scores = 1 / (1 + np.exp(-logits[0, keep, 0]))
    return blend_overlaps(decode(raw[0, keep], centres[keep], scores))


def decode(raw: Floats, centres: Floats, scores: Floats) -> Detections:
    """Detections from a network's numbers.

    Args:
        raw: (n, 4 + 2 k) box centre, width, height and k points, in input pixels from `centres`.
        centres: (n, 2) anchor centres in input pixels.
        scores: (n,) in [0, 1].
    """
    middle, half = raw[:, :2] + centres, raw[:, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = raw[:, 4:].reshape(len(raw), (raw.shape[1] - 4) // 2, 2) + centres[:, None]
    return Detections(boxes, scores.astype(np.float32), points)


def overlap(box: Floats, boxes: Floats) -> Floats:
    """(n,) intersection over union of one xyxy box with (n, 4) others, in [0, 1]."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    area = float(np.prod(np.clip(box[2:] - box[:2], 0, None)))
    return np.asarray(shared / np.maximum(areas + area - shared, 1e-9), np.float32)


def blend_overlaps(found: Detections, *, least: float = 0.3) -> Detections:
    """One detection of each thing: those that overlap are averaged, weighted by their scores.

    Args:
        found: Detections in any order.
        least: Intersection over union from which two detections are of the same thing.
    """
    left = np.argsort(-found.scores, kind="stable")
    boxes, scores, points = [], [], []
    while left.size:
        same = overlap(found.boxes[left[0]], found.boxes[left]) > least
        same[0] = True
        group = left[same]
        weight = found.scores[group] / found.scores[group].sum()
        boxes.append(weight @ found.boxes[group])
        points.append(np.einsum("i,ijk->jk", weight, found.points[group]))
        scores.append(found.scores[group[0]])
        left = left[~same]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(points, np.float32).reshape(-1, *found.points.shape[1:]),
    )
