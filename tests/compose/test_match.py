from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.match import SMALL, colour_change, light_field, soften, softness


@pytest.mark.parametrize("how", ["rct", "mkl"])
def test_colour_change_takes_mean_to_mean(how: str, rng: np.random.Generator) -> None:
    patch = rng.normal((120, 90, 70), (10, 8, 6), (SMALL, SMALL, 3)).astype(np.float32)
    frame = rng.normal((180, 150, 140), (12, 9, 7), (SMALL, SMALL, 3)).astype(np.float32)
    weight = np.ones((SMALL, SMALL), np.float32)
    change = colour_change(frame, patch, weight, how=how)  # type: ignore[arg-type]
    moved = patch.reshape(-1, 3) @ change[:, :3].T + change[:, 3]
    np.testing.assert_allclose(moved.mean(axis=0), frame.mean(axis=(0, 1)), atol=0.5)
    np.testing.assert_allclose(moved.std(axis=0), frame.std(axis=(0, 1)), rtol=0.1)


def test_colour_change_without_a_weight_is_none() -> None:
    picture = np.ones((SMALL, SMALL, 3), np.float32)
    change = colour_change(picture, picture, np.zeros((SMALL, SMALL), np.float32), how="rct")
    np.testing.assert_array_equal(change, np.eye(3, 4))


def test_light_under_a_feature_comes_from_the_skin_around_it() -> None:
    frame = np.full((SMALL, SMALL, 3), 150, np.float32)
    patch = np.full((SMALL, SMALL, 3), 100, np.float32)
    skin = np.ones((SMALL, SMALL), np.float32)
    frame[15:20, 15:20], skin[15:20, 15:20] = 0, 0  # a brow of the target
    field = light_field(frame, patch, skin, skin, face_wh=(30, 30), reach=0.3)
    np.testing.assert_allclose(field, 50, atol=1e-2)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 1.3])
def test_softness_finds_the_blur_between_two_pictures(
    sigma: float, rng: np.random.Generator
) -> None:
    sharp = rng.normal(128, 30, (160, 160, 1)).repeat(3, axis=2)
    sharp = np.clip(cv2.GaussianBlur(sharp, (0, 0), 0.7), 0, 255).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma), np.uint8)
    found = softness(soft, sharp, np.ones((160, 160), np.float32))
    assert found == pytest.approx(sigma, rel=0.15)


def test_a_soft_patch_is_sharpened_in_a_sharp_frame(rng: np.random.Generator) -> None:
    sharp = np.clip(rng.normal(128, 30, (160, 160, 3)), 0, 255).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 1.2), np.uint8)
    amount = softness(sharp, soft, np.ones((160, 160), np.float32))
    assert amount < 0
    assert soften(soft, amount).std() > soft.std()
