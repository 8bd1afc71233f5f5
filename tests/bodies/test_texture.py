"""Holes of a picture are filled with what is around them."""

import numpy as np
import pytest

from masquerade.bodies.texture import _Field, textured


@pytest.fixture(scope="module")
def wall() -> np.ndarray:
    """Upright stripes above, and a plain floor below."""
    picture = np.full((90, 120, 3), 60, np.uint8)
    picture[:60, (np.arange(120) // 6) % 2 == 0] = (220, 220, 220)
    picture[60:] = (40, 120, 40)
    return picture


def holed(wall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hole = np.zeros(wall.shape[:2], np.bool_)
    hole[20:80, 50:66] = True
    rough = wall.copy()
    rough[hole] = wall.mean(axis=(0, 1)).astype(np.uint8)
    return rough, hole


def test_a_hole_takes_the_texture_of_its_rows(wall: np.ndarray) -> None:
    rough, hole = holed(wall)
    made = textured(rough, hole)
    assert made is not None
    np.testing.assert_array_equal(made[~hole], rough[~hole])
    assert np.ptp(made[30:50, 50:66].mean(axis=(0, 2))) > 80  # stripes, no grey
    assert np.abs(made[68:78, 52:64].astype(int) - (40, 120, 40)).mean() < 12


def test_patches_do_not_agree_on_a_colour_far_from_the_guess() -> None:
    """Between two floors, what is a little nearer to the other one is still of its own."""
    floors = np.full((60, 120, 3), 165, np.float32)
    floors[:, 80:] = 228
    hole = np.zeros((60, 120), np.bool_)
    hole[20:40, 30:60] = True
    level = np.where(hole[..., None], np.float32(199), floors)
    rng = np.random.default_rng(1)
    field = _Field.begun(hole, rng, None)
    assert field is not None
    for _ in range(6):
        field.seek(level, floors, rng)
    inner = field.to[24:36, 34:56, 1]
    assert (inner < 80).all()


def test_the_same_hole_is_always_filled_alike(wall: np.ndarray) -> None:
    rough, hole = holed(wall)
    one, other = textured(rough, hole), textured(rough, hole)
    assert one is not None
    np.testing.assert_array_equal(one, other)


def test_nothing_is_made_of_nothing() -> None:
    assert textured(np.zeros((40, 40, 3), np.uint8), np.ones((40, 40), np.bool_)) is None
