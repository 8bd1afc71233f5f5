"""Transforms between frame and crop."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masquerade.faces.align import crop, dlib_template, inverse, moved, similarity, square_crop


@given(
    angle=st.floats(-np.pi, np.pi),
    size=st.floats(5, 2000),
    x=st.floats(-500, 4000),
    y=st.floats(-500, 4000),
)
def test_crop_and_back_is_where_it_began(angle: float, size: float, x: float, y: float) -> None:
    crop_from_frame = square_crop(np.array([x, y]), size, angle, 192)
    points = np.array([[x, y], [x + size, y], [x, y - size / 2]])
    back = moved(moved(points, crop_from_frame), inverse(crop_from_frame))
    assert np.abs(back - points).max() < 0.01 + 1e-3 * size


def test_a_turned_crop_stands_upright(rng: np.random.Generator) -> None:
    crop_from_frame = square_crop(np.array([50.0, 40.0]), 20, np.pi / 2, 100)
    # In a picture turned clockwise by 90 degrees, up points to the right.
    up = moved(np.array([[60.0, 40.0]]), crop_from_frame)
    assert np.allclose(up, [[49.5, -0.5]], atol=1e-4)


@given(scale=st.floats(0.1, 10), angle=st.floats(-3, 3), x=st.floats(-100, 100))
def test_similarity_finds_what_was_done(scale: float, angle: float, x: float) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = dlib_template()
    target = points @ turn.T + [x, 3.0]
    found = similarity(points, target)
    assert np.allclose(found, np.column_stack([turn, [x, 3.0]]), atol=1e-2)


@pytest.mark.parametrize("factor", [1.3, 2, 3, 4, 5.5, 8, 11])
def test_shrinking_keeps_things_in_place(factor: float) -> None:
    side = 40
    picture = np.zeros((600, 640, 3), np.uint8)
    cv2.circle(picture, (330, 290), int(5 * factor), (255, 255, 255), -1, cv2.LINE_AA)
    crop_from_frame = square_crop(np.array([320.0, 300.0]), side * factor, 0.3, side)
    small = crop(picture, crop_from_frame, side)[..., 0].astype(float)
    y, x = np.mgrid[:side, :side]
    seen = np.array([(small * x).sum(), (small * y).sum()]) / small.sum()
    wanted = moved(np.array([[330.0, 290.0]]), crop_from_frame)[0]
    assert np.abs(seen - wanted).max() < 0.15


def test_depth_is_scaled_with_the_rest() -> None:
    crop_from_frame = square_crop(np.zeros(2), 96, 0.7, 192)
    assert moved(np.array([[0.0, 0.0, 5.0]]), crop_from_frame)[0, 2] == pytest.approx(10)


def test_crop_outside_the_picture_is_black() -> None:
    picture = np.full((50, 50, 3), 200, np.uint8)
    assert crop(picture, square_crop(np.array([900.0, 900.0]), 400, 0, 64), 64).max() == 0
