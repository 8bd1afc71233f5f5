from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.blocks import FROM, blockiness, coded, quality_for

EVERYWHERE = np.ones((120, 104), np.float32)


def picture(rng: np.random.Generator) -> np.ndarray:
    soft = cv2.GaussianBlur(rng.normal(128, 120, (120, 104, 3)), (0, 0), 3)
    return np.clip(soft * 2 - 128, 0, 255).astype(np.uint8)


def test_a_picture_without_blocks_has_no_blockiness(rng: np.random.Generator) -> None:
    assert blockiness(picture(rng), EVERYWHERE, (0, 0)) < FROM


@pytest.mark.parametrize("corner", [(0, 0), (3, 5), (1000, 17)])
def test_blocks_are_found_where_the_frame_has_them(
    corner: tuple[int, int], rng: np.random.Generator
) -> None:
    made = coded(picture(rng), 15, corner)
    assert made.shape == (120, 104, 3)
    assert blockiness(made, EVERYWHERE, corner) > 0.5
    shifted = (corner[0] + 4, corner[1] + 4)
    assert blockiness(made, EVERYWHERE, shifted) < 0.2


def test_the_quality_is_found_that_gives_a_blockiness(rng: np.random.Generator) -> None:
    plain = picture(rng)
    wanted = blockiness(coded(plain, 25, (3, 5)), EVERYWHERE, (3, 5))
    found = quality_for(wanted, plain, EVERYWHERE, (3, 5))
    again = blockiness(coded(plain, found, (3, 5)), EVERYWHERE, (3, 5))
    assert again == pytest.approx(wanted, rel=0.3)


def test_colours_survive(rng: np.random.Generator) -> None:
    flat = np.full((64, 64, 3), (200, 90, 40), np.uint8)
    assert np.abs(coded(flat, 90, (0, 0)).astype(int) - flat).max() <= 3
