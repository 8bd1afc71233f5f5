"""Faces of nobody for tests of training: noise on neutral meshes, the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from masquerade.faces.mesh import topology
from masquerade.train.facesets.schema import FaceBatch


@dataclass(frozen=True)
class TinyFaces:
    """A source of faces; see `masquerade.train.loader.FaceSource`."""

    count: int = 24
    seed: int = 0
    side: int = 64

    def __len__(self) -> int:
        return self.count

    def batch(self, indices: Sequence[int]) -> FaceBatch:
        pixels = np.stack([self._pixels(index) for index in indices])
        marks = topology().neutral * np.float32(self.side * 0.55 / 2.2)
        marks[:, :2] += self.side / 2 - marks[:468, :2].mean(axis=0)
        count = len(indices)
        return FaceBatch(
            pixels,
            np.ones((count, self.side, self.side), np.float32),
            np.stack([marks.astype(np.float32)] * count),
            np.asarray(indices, np.int64),
        )

    def _pixels(self, index: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, index])
        coarse = rng.integers(40, 215, (8, 8, 3)).astype(np.uint8)
        return coarse.repeat(self.side // 8, axis=0).repeat(self.side // 8, axis=1)
