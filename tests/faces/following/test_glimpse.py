"""A glimpse tells one thing from another, whatever the light, and says nothing of what is flat."""

import numpy as np
import pytest

from masquerade.faces.following.glimpse import NOTHING, SIDE, alike, glimpse
from masquerade.faces.landmarks import Place

HERE = Place(np.array([60, 60], np.float32), 80.0, 0.2)


@pytest.fixture
def picture(rng):
    coarse = rng.integers(0, 200, (6, 6, 3)).astype(np.uint8)
    return np.kron(coarse, np.ones((20, 20, 1), np.uint8))


def test_more_or_less_light_changes_nothing(picture) -> None:
    bright = np.clip(picture * 0.7 + 40, 0, 255).astype(np.uint8)
    assert alike(glimpse(picture, HERE), glimpse(bright, HERE)) > 0.99


def test_something_else_is_not_alike(picture) -> None:
    other = np.ascontiguousarray(picture[::-1, ::-1])
    assert alike(glimpse(picture, HERE), glimpse(other, HERE)) < 0.6


def test_a_flat_place_is_like_nothing(picture) -> None:
    flat = glimpse(np.full_like(picture, 9), HERE)
    assert flat.shape == (SIDE, SIDE)
    assert np.array_equal(flat, NOTHING)
    assert alike(flat, glimpse(picture, HERE)) == 0
