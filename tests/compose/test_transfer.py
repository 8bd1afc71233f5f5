from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from masquerade.compose.transfer import Recolour, Transfer, for_features, transfer, unchanged

SHAPE = (32, 32, 3)
EVERY = get_args(Transfer)


def skin(rng: np.random.Generator, mean: tuple[int, ...], spread: float) -> np.ndarray:
    light = rng.normal(0, spread, SHAPE[:2])[..., None] * np.array([1.0, 0.9, 0.8])
    return (light + rng.normal(mean, 2, SHAPE)).astype(np.float32)


@pytest.mark.parametrize("how", EVERY)
def test_mean_and_spread_become_the_frames(how: Transfer, rng: np.random.Generator) -> None:
    patch, frame = skin(rng, (150, 120, 100), 14), skin(rng, (120, 125, 140), 10)
    moved = transfer(frame, patch, np.ones(SHAPE[:2], np.float32), how=how)(patch)
    np.testing.assert_allclose(moved.mean(axis=(0, 1)), frame.mean(axis=(0, 1)), atol=1.5)
    np.testing.assert_allclose(moved.std(axis=(0, 1)), frame.std(axis=(0, 1)), rtol=0.25)


@pytest.mark.parametrize("how", ["lct", "mkl", "idt", "sot"])
def test_in_a_grey_frame_the_patch_becomes_grey(how: Transfer, rng: np.random.Generator) -> None:
    patch = skin(rng, (170, 120, 100), 12)
    grey = skin(rng, (120, 120, 120), 14).mean(axis=2, keepdims=True).repeat(3, axis=2)
    made = transfer(grey, patch, np.ones(SHAPE[:2], np.float32), how=how)
    lips = np.array([[[150, 70, 75]]], np.float32)
    assert np.ptp(made(lips)) < 0.45 * np.ptp(lips)


@pytest.mark.parametrize("how", EVERY)
def test_too_little_skin_changes_nothing(how: Transfer, rng: np.random.Generator) -> None:
    patch, frame = skin(rng, (150, 120, 100), 14), skin(rng, (120, 125, 140), 10)
    made = transfer(frame, patch, np.zeros(SHAPE[:2], np.float32), how=how)
    np.testing.assert_array_equal(made.matrix, np.eye(3, 4))
    assert not made.tones.any()


@pytest.mark.parametrize("how", EVERY)
def test_the_same_pictures_give_the_same_map(how: Transfer, rng: np.random.Generator) -> None:
    patch, frame = skin(rng, (150, 120, 100), 14), skin(rng, (120, 125, 140), 10)
    weight = np.ones(SHAPE[:2], np.float32)
    one, again = (transfer(frame, patch, weight, how=how) for _ in range(2))
    np.testing.assert_array_equal(one.matrix, again.matrix)
    np.testing.assert_array_equal(one.tones, again.tones)


@pytest.mark.parametrize("how", EVERY)
def test_differences_of_colour_do_not_grow_without_limit(
    how: Transfer, rng: np.random.Generator
) -> None:
    patch, frame = skin(rng, (150, 120, 100), 2), skin(rng, (120, 125, 140), 40)
    made = transfer(frame, patch, np.ones(SHAPE[:2], np.float32), how=how)
    assert np.linalg.svd(made.matrix[:, :3], compute_uv=False).max() <= 1.61


def test_maps_mix() -> None:
    half = unchanged().mixed(
        Recolour(np.column_stack([np.eye(3), [10, 20, 30]]), np.ones((256, 3), np.float32)), 0.5
    )
    made = half(np.full((4, 4, 3), 100, np.uint8))
    np.testing.assert_allclose(made[0, 0], [105.5, 110.5, 115.5])


def test_brown_eyes_stay_brown_in_a_yellow_light() -> None:
    skin, eye = np.array([200, 150, 125], np.float32), np.array([60, 40, 28], np.float32)
    patch = np.full((8, 8, 3), skin, np.float32)
    frame = patch * np.array([1.05, 0.9, 0.5], np.float32)
    made = for_features(frame, patch, np.ones((8, 8), np.float32), colours=1.0)
    red, green, blue = made(eye[None, None])[0, 0]
    assert red > green > blue
    assert made(eye[None, None]).mean() < 1.1 * eye.mean()
    np.testing.assert_allclose(made(patch), frame, rtol=0.02)


def test_features_have_no_colours_where_the_frame_has_none() -> None:
    patch = np.full((8, 8, 3), (200, 150, 125), np.float32)
    frame = np.full((8, 8, 3), 140, np.float32)
    made = for_features(frame, patch, np.ones((8, 8), np.float32), colours=0.0)
    blue_eye = made(np.array([[[90, 120, 170]]], np.float32))
    assert np.ptp(blue_eye) < 1


def test_too_little_skin_says_nothing_of_features() -> None:
    patch = np.full((8, 8, 3), 100, np.float32)
    made = for_features(patch * 2, patch, np.zeros((8, 8), np.float32), colours=1.0)
    np.testing.assert_array_equal(made.matrix, np.eye(3, 4))


def test_features_lie_behind_haze_as_skin_does(rng: np.random.Generator) -> None:
    patch = rng.uniform(100, 200, (8, 8, 3)).astype(np.float32)
    haze = patch * 0.4 + 120
    made = for_features(haze, patch, np.ones((8, 8), np.float32), colours=1.0, contrast=0.4)
    assert made(np.zeros((1, 1, 3), np.float32)).mean() == pytest.approx(120, abs=8)
    assert made(np.full((1, 1, 3), patch.mean(), np.float32)).mean() == pytest.approx(
        haze.mean(), rel=0.03
    )
    clear = for_features(patch * 0.5, patch, np.ones((8, 8), np.float32), colours=1.0, contrast=0.5)
    assert clear(np.zeros((1, 1, 3), np.float32)).max() < 2
