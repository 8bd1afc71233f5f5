"""Eyes taken apart and put together: the same at the photo's opening, shut where lids are shut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.faces.lids import openings
from masquerade.faces.living.eye_coordinates import edges_of, eye_coordinates, moved_to, unit_px_of
from masquerade.faces.living.eye_look import take_apart
from masquerade.faces.living.eyes import limited, opened_by, put_together
from masquerade.faces.mesh import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS, topology
from masquerade.faces.pose import rotation
from masquerade.types import RGB, Points

SIDE = 320
SKIN = (205, 160, 130)
IRIS = (40, 60, 120)


def mesh(open_by: float = 1.0, *, yaw: float = 0.0, size: float = 110.0) -> Points:
    neutral = topology().neutral.copy()
    for eye in (RIGHT_EYE, LEFT_EYE):
        upper, lower = list(eye[1:8]), list(eye[:8:-1])
        neutral[upper] = neutral[lower] + open_by * (neutral[upper] - neutral[lower])
    turned = neutral @ rotation(yaw, 0.0, 0.0).T.astype(np.float32)
    return (turned * np.float32(size) + np.array([160, 140, 0], np.float32)).astype(np.float32)


def photo(landmarks: Points) -> RGB:
    """Plain skin, whites, blue irises and dark lashes."""
    image = np.full((SIDE, SIDE, 3), SKIN, np.uint8)
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        ring = np.round(landmarks[list(eye), :2] * 16).astype(np.int32)
        inside = np.zeros((SIDE, SIDE), np.uint8)
        cv2.fillPoly(inside, [ring], 255, cv2.LINE_AA, 4)
        ball = np.full((SIDE, SIDE, 3), (230, 225, 220), np.uint8)
        centre = np.round(landmarks[iris[0], :2]).astype(int)
        cv2.circle(ball, (int(centre[0]), int(centre[1])), 10, IRIS, -1, cv2.LINE_AA)
        share = inside[..., None] / 255
        image = np.rint(image + share * (ball - image.astype(float))).astype(np.uint8)
        cv2.polylines(image, [ring[:9]], False, (60, 45, 40), 2, cv2.LINE_AA, 4)
    return image


def drawn(landmarks: Points) -> RGB:
    """The photo of open eyes with its eyes at other places."""
    covered, looks = take_apart(photo(mesh()), mesh())
    put_together(covered, looks, landmarks)
    return covered


def bluish(image: RGB) -> np.ndarray:
    return image[..., 2].astype(int) - image[..., 0] > 15


def test_at_its_own_opening_an_eye_is_the_photos() -> None:
    apart = np.abs(drawn(mesh()).astype(int) - photo(mesh()))
    assert apart.mean() < 0.4
    assert np.quantile(apart, 0.999) < 40


def test_covered_eyes_show_neither_iris_nor_white() -> None:
    covered, _ = take_apart(photo(mesh()), mesh())
    assert not bluish(covered).any()
    for eye in (RIGHT_EYE, LEFT_EYE):
        x, y = mesh()[list(eye), :2].mean(axis=0).round().astype(int)
        assert np.abs(covered[y, x].astype(int) - SKIN).max() < 25


@pytest.mark.parametrize("open_by", [0.7, 0.4, 0.0])
def test_no_iris_lies_on_a_lid(open_by: float) -> None:
    lower = mesh(open_by)
    image = drawn(lower)
    between = np.zeros((SIDE, SIDE), np.uint8)
    for eye in (RIGHT_EYE, LEFT_EYE):
        cv2.fillPoly(between, [np.round(lower[list(eye), :2]).astype(np.int32)], 1)
    near = cv2.dilate(between, np.ones((5, 5), np.uint8)) > 0
    assert not (bluish(image) & ~near).any()
    assert bluish(image).any() == (open_by > 0)


def test_shut_lids_meet_in_a_dark_line() -> None:
    image = drawn(mesh(0.0)).astype(int)
    for eye in (RIGHT_EYE, LEFT_EYE):
        x, y = mesh(0.0)[list(eye), :2].mean(axis=0).round().astype(int)
        assert image[y - 1 : y + 2, x].mean() < 0.75 * np.mean(SKIN)
        assert np.abs(image[y - 14, x] - SKIN).max() < 30


def test_eyes_look_where_the_irises_are() -> None:
    aside = mesh()
    aside[[*RIGHT_IRIS, *LEFT_IRIS], 0] += 5
    moved, still = (np.nonzero(bluish(drawn(points)))[1].mean() for points in (aside, mesh()))
    assert 3 < moved - still < 7


def test_pixels_away_from_the_eyes_are_untouched() -> None:
    before, _ = take_apart(photo(mesh()), mesh())
    after = drawn(mesh(0.0))
    changed = np.nonzero((before != after).any(axis=2))
    assert changed[0].min() > 140 - 0.4 * 110
    assert changed[0].max() < 140 + 0.3 * 110
    np.testing.assert_array_equal(before[250:], after[250:])


def test_a_part_of_the_picture_is_drawn_like_the_whole() -> None:
    covered, looks = take_apart(photo(mesh()), mesh())
    part = covered[90:, 70:].copy()
    put_together(covered, looks, mesh(0.5))
    put_together(part, looks, mesh(0.5), at=(70, 90))
    np.testing.assert_allclose(part.astype(int), covered[90:, 70:].astype(int), atol=1)


def test_eyes_beyond_the_edge_of_the_picture_do_no_harm() -> None:
    covered, looks = take_apart(photo(mesh()), mesh())
    put_together(covered, looks, mesh() - np.array([400, 0, 0], np.float32))
    edge = mesh() - np.array([130, 120, 0], np.float32)
    take_apart(photo(mesh()), edge)


def test_narrow_eyes_are_not_torn_open_and_still_shut() -> None:
    narrow = mesh(0.4)
    _, looks = take_apart(photo(narrow), narrow)
    usual = opened_by(mesh())
    for open_by in (1.0, 0.5, 0.0):
        shown = limited(mesh(open_by), looks, usual=usual, most=1.3)
        assert openings(shown)[0] == pytest.approx(open_by * 1.3 * openings(narrow)[0], rel=0.1)
    np.testing.assert_array_equal(limited(mesh(), looks, usual=usual, most=4), mesh())


def test_a_turned_eye_keeps_its_height_in_eye_coordinates() -> None:
    heights = []
    for yaw in (0.0, 30.0):
        points = mesh(yaw=yaw)
        eye_from_picture = eye_coordinates(points, RIGHT_EYE, unit_px_of(points))
        corners = moved_to(points[[RIGHT_EYE[0], RIGHT_EYE[8]], :2], eye_from_picture)
        np.testing.assert_allclose(corners, [[-1, 0], [1, 0]], atol=1e-4)
        edges = edges_of(points, RIGHT_EYE, eye_from_picture)
        heights.append(float((edges.lower - edges.upper).max()))
    assert heights[1] == pytest.approx(heights[0], rel=0.12)
