"""Finds faces in one small square picture: BlazeFace, short and full range.

The networks give, for each anchor, a box and six key points as offsets from the anchor's centre.
Anchors, decoding and the blending of overlapping detections follow the model cards and
Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.models.card import card
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress
from masquerade.types import RGB

Range: TypeAlias = Literal["short", "full"]
Floats: TypeAlias = NDArray[np.float32]

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH = 0, 1, 2, 3  # of the person shown; then right and left ear


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces found in one picture, best first.

    Attributes:
        boxes: (n, 4) float32 xyxy in pixels of the picture; edges, not pixel centres.
        scores: (n,) float32 in [0, 1].
        points: (n, 6, 2) float32 xy: right eye, left eye, nose tip, mouth, right ear, left ear
            (right and left of the person).
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


ANCHORS: Final[dict[Range, Anchors]] = {
    "short": Anchors(side=128, layers=((8, 2), (16, 6))),  # 16 x 16 x 2 + 8 x 8 x 6 = 896
    "full": Anchors(side=192, layers=((4, 1),)),  # 48 x 48 = 2304
}


class FaceDetector:
    """One detection network: short range for faces that fill the picture, full range for others.

    Args:
        session: The loaded weights.
        span: Which of the two networks they are.
    """

    def __init__(self, session: Session, *, span: Range) -> None:
        self._session, self._input = session, card(f"face_detector_{span}").pictures
        self._centres = ANCHORS[span].centres()
        self.side = ANCHORS[span].side

    @classmethod
    def open(cls, span: Range, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The detector with its weights loaded, fetched on first use as `progress` is told."""
        name = f"face_detector_{span}"
        return cls(open_session(name, threads=threads, progress=progress), span=span)

    def __call__(self, picture: RGB, *, score: float = 0.5) -> Detections:
        """Faces in a square picture, overlapping ones blended into one.

        Args:
            picture: (side, side, 3) uint8 RGB.
            score: Least score in (0, 1) a detection needs.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        first, second = self._session(self._input.tensor(picture))
        raw, logits = (first, second) if first.shape[-1] == 16 else (second, first)
        keep = logits[0, :, 0] > np.log(score / (1 - score))
        scores = 1 / (1 + np.exp(-logits[0, keep, 0]))
        return blend_overlaps(decode(raw[0, keep], self._centres[keep], scores))


def decode(raw: Floats, centres: Floats, scores: Floats) -> Detections:
    """Detections from the network's numbers.

    Args:
        raw: (n, 16) box centre, width, height and six key points, in input pixels from `centres`.
        centres: (n, 2) anchor centres in input pixels.
        scores: (n,) in [0, 1].
    """
    middle = raw[:, :2] + centres
    half = raw[:, 2:4] / 2
    points = raw[:, 4:].reshape(-1, 6, 2) + centres[:, None]
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return Detections(boxes, scores.astype(np.float32), points)


def overlap(box: Floats, boxes: Floats) -> Floats:
    """(n,) intersection over union of one xyxy box with (n, 4) others, in [0, 1]."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    area = float(np.prod(np.clip(box[2:] - box[:2], 0, None)))
    return np.asarray(shared / np.maximum(areas + area - shared, 1e-9), np.float32)


def blend_overlaps(found: Detections, *, least: float = 0.3) -> Detections:
    """One detection per face: those that overlap are averaged, weighted by their scores.

    Args:
        found: Detections in any order.
        least: Intersection over union from which two detections are the same face.

    Returns:
        Detections, best first. Blending is steadier than keeping the best (BlazeFace, section 4).
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
        np.array(points, np.float32).reshape(-1, 6, 2),
    )
