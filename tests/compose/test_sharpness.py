from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.sharpness import soften, softness


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


def test_nothing_counted_changes_nothing() -> None:
    flat = np.full((20, 20, 3), 90, np.uint8)
    assert softness(flat, flat, np.zeros((20, 20), np.float32)) == 0
    assert soften(flat, 0.0) is flat


@pytest.mark.parametrize("sigma", [2.0, 3.0, 5.0])
def test_a_face_out_of_focus_is_matched_though_rounding_is_all_its_detail(
    sigma: float, rng: np.random.Generator
) -> None:
    octaves = [
        cv2.resize(rng.normal(128, 60, (n, n)).astype(np.float32), (192, 192)) for n in (24, 48, 96)
    ]
    sharp = np.clip(np.mean(octaves, axis=0), 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma))
    found = softness(blurred, sharp, np.ones((192, 192), np.float32))
    assert 0.65 * sigma < found < 1.35 * sigma


def test_smooth_skin_in_focus_does_not_blur_a_wrinkled_face(rng: np.random.Generator) -> None:
    smooth = np.full((192, 192), 140, np.float32)
    for x, y in ((60, 70), (130, 70), (96, 140)):
        cv2.ellipse(smooth, (x, y), (22, 9), 0, 0, 360, 50, -1, cv2.LINE_AA)
    pores = cv2.GaussianBlur(rng.normal(0, 1, smooth.shape).astype(np.float32), (0, 0), 0.8)
    smooth = cv2.GaussianBlur(smooth, (0, 0), 0.7) + 10 * pores
    wrinkles = cv2.GaussianBlur(rng.normal(0, 1, smooth.shape).astype(np.float32), (0, 0), 1.2)
    pictures = [
        np.clip(one, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
        for one in (smooth, smooth + 60 * wrinkles)
    ]
    assert softness(pictures[0], pictures[1], np.ones((192, 192), np.float32)) < 1.4
