from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose.light import SMALL, add_light, halved, light_field, small_copy, taken_by


def test_light_under_a_feature_comes_from_the_skin_around_it() -> None:
    frame = np.full((SMALL, SMALL, 3), 150, np.float32)
    patch = np.full((SMALL, SMALL, 3), 100, np.float32)
    skin = np.ones((SMALL, SMALL), np.float32)
    frame[15:20, 15:20], skin[15:20, 15:20] = 0, 0  # a brow of the target
    field = light_field(frame, patch, skin, skin, face_wh=(30, 30), reach=0.3)
    np.testing.assert_allclose(field, 50, atol=1e-2)


def test_dark_pixels_and_own_pixels_take_less_light() -> None:
    patch = np.full((40, 40, 3), 120, np.uint8)
    patch[:20] = 20
    own = np.zeros((40, 40), np.float32)
    own[:, :10] = 1
    lit = add_light(
        patch,
        np.full((SMALL, SMALL, 3), 30, np.float32),
        taken_by(patch, own, skin_level=120),
    )
    assert lit[30, 30, 0] == pytest.approx(150, abs=0.5)
    assert 20 < lit[10, 30, 0] < 35
    assert lit[30, 5, 0] == pytest.approx(120, abs=0.5)


@pytest.mark.parametrize("shape", [(64, 64, 3), (391, 313, 3), (40, 200, 3), (20, 20, 3)])
def test_a_small_copy_keeps_the_mean(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    slope = np.linspace(20, 220, shape[1])[None, :, None] + rng.normal(0, 5, shape)
    copy = small_copy(np.clip(slope, 0, 255).astype(np.uint8))
    assert copy.shape == (SMALL, SMALL, 3)
    assert copy.mean() == pytest.approx(slope.mean(), abs=1.0)
    assert np.diff(copy.mean(axis=(0, 2))).min() > -0.5


def test_halving_averages_each_four_pixels(rng: np.random.Generator) -> None:
    picture = rng.random((7, 10), dtype=np.float32)
    halves = halved(picture, 1)
    assert halves.shape == (3, 5)
    np.testing.assert_allclose(halves[1, 2], picture[2:4, 4:6].mean(), atol=1e-6)
