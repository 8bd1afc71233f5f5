from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.blocks import FROM, blockiness, coarsest, coded
from masquerade.compose.motion import smeared
from masquerade.compose.texture import Texture, focused, follow, with_blocks, with_noise
from masquerade.types import RGB, Patch

SIDE = 160
ALL = np.ones((SIDE, SIDE), np.float32)


def skin(rng: np.random.Generator) -> RGB:
    soft = cv2.GaussianBlur(rng.normal(128, 60, (SIDE, SIDE)), (0, 0), 1.0)
    return np.clip(soft * 1.5 - 60, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


def patch_at(pixels: RGB, left: int = 0) -> Patch:
    return Patch(pixels, ALL, (left, 0, left + SIDE, SIDE), 1, face_px=150.0)


def test_sharpness_is_held_steady_between_measurements(rng: np.random.Generator) -> None:
    sharp, known, found = skin(rng), Texture(), []
    for sigma in (1.0, 1.4, 1.0, 1.4, 1.0, 1.4, 1.0, 1.4, 1.0):
        behind = np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma), np.uint8)
        follow(known, patch_at(sharp), behind, ALL, ALL)
        found.append(known.softness)
    assert found[0] == pytest.approx(1.0, abs=0.15)
    assert np.abs(np.diff(found)).max() < 0.15


def test_a_moving_face_is_smeared_and_a_still_one_is_not(rng: np.random.Generator) -> None:
    sharp, known, way = skin(rng), Texture(), (10.0, 0.0)
    for step in range(6):
        left = 10 * max(0, step - 2)
        behind = smeared(sharp, way, 0.6) if left else sharp
        follow(known, patch_at(sharp, left), behind, ALL, ALL)
        if not left:
            assert not known.moving
    assert known.shutter == pytest.approx(0.6, abs=0.15)
    made = focused(sharp, known, sharpness=1, motion=1)
    assert (
        np.diff(made.astype(float), axis=1).std() < 0.6 * np.diff(sharp.astype(float), axis=1).std()
    )
    np.testing.assert_array_equal(focused(sharp, known, sharpness=0, motion=0), sharp)
    follow(known, patch_at(sharp, left), sharp, ALL, ALL)
    assert not known.moving


def test_a_smear_is_told_by_the_targets_own_face_at_rest(rng: np.random.Generator) -> None:
    mine, known, way = skin(rng), Texture(), (10.0, 0.0)
    brushed = np.asarray(cv2.GaussianBlur(mine, (0, 0), sigmaX=0.3, sigmaY=2.0), np.uint8)
    for step in range(6):
        left = 10 * max(0, step - 2)
        behind = smeared(brushed, way, 0.6) if left else brushed
        follow(known, patch_at(mine, left), behind, ALL, ALL)
    assert known.shutter == pytest.approx(0.6, abs=0.15)


@pytest.mark.parametrize("quality", [15, 18, 25, 32])
def test_a_coarse_jpeg_is_told_wherever_its_blocks_begin(
    quality: int, rng: np.random.Generator
) -> None:
    picture = np.asarray(cv2.GaussianBlur(skin(rng), (0, 0), 2), np.uint8)
    behind = coded(picture, quality, (3, 5))
    assert coarsest(behind, (3, 5)) == pytest.approx(quality, abs=1)
    assert coarsest(behind, (4, 5)) == 35
    assert coarsest(picture, (3, 5)) == 35
    assert coarsest(coded(picture, 60, (3, 5)), (3, 5)) == 35


def test_a_picture_that_is_no_coarse_jpeg_gets_no_blocks_coarser_than_spare_a_face(
    rng: np.random.Generator,
) -> None:
    known, plain = Texture(), np.asarray(cv2.GaussianBlur(skin(rng), (0, 0), 4), np.uint8)
    jpeg = coded(plain, 15, (0, 0))
    for behind, least, most in (
        (jpeg, 12, 30),
        (cv2.addWeighted(jpeg, 0.5, plain, 0.5, 0), 35, 92),
    ):
        known = Texture()
        follow(known, patch_at(plain), np.asarray(behind, np.uint8), ALL, ALL)
        assert least <= known.quality <= most


def test_blocks_of_a_strongly_compressed_frame_are_put_on_the_patch(
    rng: np.random.Generator,
) -> None:
    known, plain = Texture(), np.full((SIDE, SIDE, 3), 128, np.uint8)
    plain[:] = cv2.GaussianBlur(skin(rng), (0, 0), 4)
    behind = coded(plain, 40, (0, 0))
    follow(known, patch_at(plain), behind, ALL, ALL)
    made = with_blocks(plain, ALL, known, amount=1, box=(0, 0, SIDE, SIDE))
    assert blockiness(made, ALL, (0, 0)) > 0.4 * blockiness(behind, ALL, (0, 0))
    assert with_blocks(plain, ALL, known, amount=0, box=(0, 0, SIDE, SIDE)) is plain
    half = ALL.copy()
    half[:, :80] = 0
    kept = with_blocks(plain, half, known, amount=1, box=(0, 0, SIDE, SIDE))
    np.testing.assert_array_equal(kept[:, :80], plain[:, :80])


def test_one_blocky_picture_in_a_clean_stream_is_soon_forgotten(rng: np.random.Generator) -> None:
    known, plain = Texture(), np.asarray(cv2.GaussianBlur(skin(rng), (0, 0), 4), np.uint8)
    for behind in (coded(plain, 15, (0, 0)), plain, plain):
        follow(known, patch_at(plain), behind, ALL, ALL)
    assert known.blocks < FROM


def test_noise_is_the_same_for_the_same_frame(rng: np.random.Generator) -> None:
    known, flat = Texture(), np.full((SIDE, SIDE, 3), 128, np.uint8)
    noise = np.clip(128 + rng.normal(0, 6, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)
    follow(known, patch_at(flat), noise.repeat(3, axis=2), ALL, ALL)
    made = []
    for pts in (3, 3, 4):
        pixels = flat.astype(np.float32)
        with_noise(pixels, patch_at(flat), known, amount=1, pts=pts)
        made.append(pixels)
    np.testing.assert_array_equal(made[0], made[1])
    assert (made[0] != made[2]).any()
    assert made[0].std() == pytest.approx(6, rel=0.25)
