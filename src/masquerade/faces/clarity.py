"""Which pictures of a face show best who it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from masquerade.faces.embed import chip, embed_chips
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Embedding, Face

KEPT: Final = 3
_FULL_PX: Final = 150.0  # a face of this size fills the identity network's chip
_LEAST: Final = 0.02


def clarity(cut: RGB, face: Face) -> float:
    """How well a chip shows a face, in [0, 1]: large, frontal, sharp and not interpolated.

    Args:
        cut: (150, 150, 3) uint8 RGB chip of the face.
        face: The face.
    """
    size = min(1.0, face.size_px / _FULL_PX)
    turned = float(np.hypot(face.pose_deg[0] / 40, face.pose_deg[1] / 40))
    grey = cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY)
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).std())
    return size * float(np.exp(-(turned**2))) * min(1.0, edges / 20) * face.score


@dataclass(slots=True)
class Portraits:
    """The clearest chips of one face so far, clearest first; all that is kept of its pixels."""

    best: list[tuple[float, RGB]] = field(default_factory=list)
    _mean: Embedding | None = None  # of the kept ones, once it has been asked for

    def offer(self, image: RGB, face: Face) -> None:
        """Keep this picture of the face if it is among the clearest."""
        cut = chip(image, face)
        value = clarity(cut, face)
        if value < _LEAST:
            return
        if len(self.best) >= KEPT and value <= self.best[-1][0]:
            return
        self.best.append((value, cut))
        self.best.sort(key=lambda one: -one[0])
        del self.best[KEPT:]
        self._mean = None

    def embedding(self, reader: FaceReader) -> Embedding | None:
        """(128,) float32 mean identity of the kept pictures; None when there are none."""
        if self.best and self._mean is None:
            made = embed_chips([cut for _, cut in self.best], reader)
            weights = np.array([value for value, _ in self.best], np.float32)
            self._mean = np.asarray(np.average(made, axis=0, weights=weights), np.float32)
        return self._mean
