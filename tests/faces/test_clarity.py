"""Which pictures of a face are kept for its identity."""

import cv2
import numpy as np

from masquerade.faces import mesh
from masquerade.faces.clarity import KEPT, Portraits, clarity
from masquerade.faces.landmarks import face_of
from masquerade.faces.pose import rotation
from masquerade.types import Face


def _face(scale: float = 80, yaw: float = 0) -> Face:
    shape = mesh.topology().neutral @ rotation(yaw, 0, 0).T * scale + [200, 200, 0]
    return face_of(shape.astype(np.float32), 1.0)


def test_sharp_frontal_and_large_is_clear(rng: np.random.Generator) -> None:
    sharp = rng.integers(0, 256, (150, 150, 3)).astype(np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4), np.uint8)
    best = clarity(sharp, _face())
    assert best > clarity(blurred, _face())
    assert best > clarity(sharp, _face(yaw=45))
    assert best > clarity(sharp, _face(scale=20))
    assert 0 <= clarity(blurred, _face(scale=5, yaw=80)) < best <= 1


def test_only_the_clearest_are_kept_and_a_blank_never(rng: np.random.Generator) -> None:
    kept = Portraits()
    kept.offer(np.full((400, 400, 3), 127, np.uint8), _face())
    assert kept.best == []
    for scale in (40, 90, 50, 80, 60, 70):
        kept.offer(rng.integers(0, 256, (400, 400, 3)).astype(np.uint8), _face(scale))
    values = [value for value, _ in kept.best]
    assert len(values) == KEPT
    assert values == sorted(values, reverse=True)
