"""The judge of covered mouths as it ships."""

import cv2
import numpy as np
import pytest

from masquerade.faces.mouth.unrolled import mouth_layout
from masquerade.models.covered_mouth import CoveredMouth


@pytest.fixture(scope="module")
def judge() -> CoveredMouth:
    return CoveredMouth.open()


def drawn() -> np.ndarray:
    """A mouth on the map: skin, lips, the dark between them, a little noise."""
    known = mouth_layout()
    made = np.full((144, 160, 3), (198, 150, 128), np.float32)
    made += known.lips[..., None] * (np.array((168, 92, 92)) - made)
    lip = np.linspace(1.1, 0.9, 144, dtype=np.float32)[:, None, None]
    made *= np.where(known.lips[..., None] > 0.5, lip, 1)
    made += known.inside[..., None] * (np.array((70, 36, 38)) - made)
    noisy = made + np.random.default_rng(3).normal(0, 2, made.shape)
    return np.clip(cv2.GaussianBlur(noisy, (0, 0), 1.2), 0, 255).astype(np.uint8)


def test_lips_are_seen(judge: CoveredMouth) -> None:
    lips = drawn()
    grey = np.repeat(lips.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)

    assert judge(lips) > 0
    assert judge(grey) > 0
    assert judge((lips * 0.5).astype(np.uint8)) > 0


@pytest.mark.parametrize("tone", [(0, 0, 0), (255, 255, 255), (198, 150, 128), (150, 190, 215)])
def test_a_bar_is_none(judge: CoveredMouth, tone: tuple[int, int, int]) -> None:
    barred = drawn()
    barred[8:100, 24:136] = tone
    masked = np.full_like(barred, tone)

    assert judge(barred) < 0
    assert judge(masked) < 0
