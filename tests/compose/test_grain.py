from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose.grain import grain, grain_level


@pytest.mark.parametrize("sigma", [1.0, 4.0, 10.0])
def test_level_of_white_noise_is_its_standard_deviation(
    sigma: float, rng: np.random.Generator
) -> None:
    slope = np.linspace(50, 150, 128, dtype=np.float32)[None, :]
    noisy = (slope + rng.normal(0, sigma, (128, 128))).astype(np.float32)
    level = grain_level(noisy, np.ones((128, 128), np.float32))
    assert level == pytest.approx(sigma, rel=0.1)


def test_a_slope_has_no_grain() -> None:
    slope = np.add.outer(np.arange(64.0), np.arange(64.0)).astype(np.float32)
    assert grain_level(slope, np.ones((64, 64), np.float32)) < 1e-3


def test_nothing_to_measure_is_no_grain() -> None:
    assert grain_level(np.ones((8, 8), np.float32), np.zeros((8, 8), np.float32)) == 0


def test_grain_has_the_level_asked_for_and_depends_on_the_seed_alone() -> None:
    one, again, other = grain((300, 280), 5, 11), grain((300, 280), 5, 11), grain((300, 280), 5, 12)
    assert one.shape == (300, 280)
    assert one.std() == pytest.approx(5, rel=0.05)
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
