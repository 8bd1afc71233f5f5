from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.grain import Grain, grain, grain_between, grain_level, grained


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


def noisy(rng: np.random.Generator, size: float, dark: float, bright: float) -> np.ndarray:
    slope = np.linspace(40, 200, 180, dtype=np.float32)[None].repeat(180, axis=0)
    made = rng.standard_normal((180, 180)).astype(np.float32)
    if size:
        made = np.asarray(cv2.GaussianBlur(made, (0, 0), size), np.float32)
    level = np.interp(slope, (40, 200), (dark, bright)).astype(np.float32)
    return slope + made / made.std() * level


@pytest.mark.parametrize("size", [0.0, 0.6, 0.8])
def test_the_size_of_the_grains_is_found(size: float, rng: np.random.Generator) -> None:
    clean = np.linspace(40, 200, 180, dtype=np.float32)[None].repeat(180, axis=0)
    found = grain_between(noisy(rng, size, 6, 6), clean, np.ones((180, 180), np.float32))
    assert found.size == pytest.approx(size, abs=0.15)
    assert np.mean(found.levels) == pytest.approx(6, rel=0.2)


def test_noise_that_grows_with_brightness_is_laid_so(rng: np.random.Generator) -> None:
    clean = np.linspace(40, 200, 180, dtype=np.float32)[None].repeat(180, axis=0)
    found = grain_between(noisy(rng, 0, 2, 8), clean, np.ones((180, 180), np.float32))
    assert found.levels[0] < found.levels[1] < found.levels[2]
    laid = np.ascontiguousarray(clean[..., None].repeat(3, axis=2))
    grained(laid, found, 1.0, 3)
    apart = laid[..., 0] - clean
    assert apart[:, :60].std() < 0.65 * apart[:, -60:].std()


def test_a_patch_with_noise_enough_gets_none(rng: np.random.Generator) -> None:
    one, other = noisy(rng, 0, 5, 5), noisy(rng, 0, 5, 5)
    assert not grain_between(one, other, np.ones((180, 180), np.float32)).seen


def test_pores_and_wrinkles_are_not_taken_for_noise(rng: np.random.Generator) -> None:
    clean = np.linspace(90, 150, 180, dtype=np.float32)[None].repeat(180, axis=0)
    relief = np.zeros_like(clean)
    for _ in range(260):
        x, y = (int(n) for n in rng.integers(8, 172, 2))
        cv2.circle(relief, (x, y), 2, float(rng.choice([-14, 14])), -1, cv2.LINE_AA)
    relief[100:] = 0
    seen = clean + cv2.GaussianBlur(relief, (0, 0), 0.7) + rng.normal(0, 1.5, clean.shape)
    found = grain_between(seen.astype(np.float32), clean, np.ones((180, 180), np.float32))
    assert max(found.levels) == pytest.approx(1.5, rel=0.25)


def test_noise_of_a_camera_is_laid_as_strong_as_it_is(rng: np.random.Generator) -> None:
    clean = np.linspace(90, 150, 180, dtype=np.float32)[None].repeat(180, axis=0)
    patch = clean + cv2.GaussianBlur(rng.standard_normal(clean.shape), (0, 0), 1.5).astype("f4") * 3
    seen = (patch + rng.normal(0, 1.5, clean.shape)).astype(np.float32)
    found = grain_between(seen, patch, np.ones((180, 180), np.float32))
    assert np.mean(found.levels) == pytest.approx(1.5, rel=0.2)


def test_white_has_less_noise_than_was_measured_where_it_is_darker() -> None:
    made_of = Grain((60.0, 100.0, 140.0), (4.0, 4.0, 4.0))
    spread = []
    for light in (140, 200, 234, 255):
        pixels = np.full((200, 200, 3), light, np.float32)
        grained(pixels, made_of, 1.0, 3)
        spread.append(float(pixels.std()))
    assert spread[:2] == pytest.approx([4, 4], rel=0.1)
    assert spread[2:] == pytest.approx([4 * 21 / 55, 0], rel=0.1)


def test_coarse_noise_of_the_face_alone_is_its_skin_s(rng: np.random.Generator) -> None:
    around = np.ones((180, 180), np.float32)
    around[40:140, 40:140] = 0
    found = Grain((60.0, 100.0, 140.0), (5.0, 5.0, 5.0), 0.78)
    calm = np.full((180, 180), 120, np.float32) + rng.normal(0, 0.3, (180, 180)).astype(np.float32)
    assert not found.without_texture(calm, around).seen
    assert found.without_texture(noisy(rng, 0.8, 5, 5), around) == found
    assert found.without_texture(calm, np.zeros_like(around)) == found  # nothing is seen of it
    strip = np.s_[:6]  # too low to hold a place that is looked at
    assert found.without_texture(calm[strip], around[strip]) == found
    fine = Grain(found.lights, found.levels, 0.4)
    assert fine.without_texture(calm, around) == fine
