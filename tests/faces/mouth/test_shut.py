"""Shut lips of a drawn face, made ready to part, and the line between them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, LIPS, topology
from masquerade.faces.mouth.shut import draw_line, ready_to_part
from masquerade.types import RGB, Points

LOWER = list(INNER_LIPS[11:])
SIZE = (320, 300)


def mesh(opened: float = 0.0) -> Points:
    points = topology().neutral.copy()
    upper, lower = [13, 312, 82], [14, 317, 87]
    points[lower] = points[upper]
    points[LOWER, 1] += np.float32(opened)
    return (points * 100 + np.array([150, 110, 0], np.float32)).astype(np.float32)


def photo(points: Points) -> RGB:
    """Lips of one red, a dark line between them, ragged as of a poor photo."""
    image = np.full((*SIZE, 3), (205, 150, 125), np.uint8)
    cv2.fillPoly(image, [points[list(LIPS), :2].astype(np.int32)], (180, 70, 70))
    seam = points[list(INNER_LIPS[:11]), :2].copy()
    seam[::2, 1] += 2
    seam[1::2, 1] -= 2
    cv2.polylines(image, [seam.astype(np.int32)], False, (60, 20, 20), 2)
    return image


def test_lips_are_carried_on_to_where_they_meet() -> None:
    points = mesh()
    image = photo(points)
    made, line = ready_to_part(image, points)
    x, y = points[13, :2].astype(int)
    assert image[y - 4 : y + 5, x, 0].min() < 100
    assert made[y, x, 0] > 140
    assert 0.3 < line < 0.9
    away = np.ones(SIZE, np.bool_)
    around = cv2.boundingRect(points[list(LIPS), :2])
    away[around[1] - 3 : around[1] + around[3] + 3] = False
    assert (made[away] == image[away]).all()


def test_open_lips_stay_as_they_are() -> None:
    points = mesh(0.2)
    image = photo(points)
    made, line = ready_to_part(image, points)
    assert made is image
    assert line == 1


def test_the_line_is_drawn_where_lips_meet_and_not_where_they_part() -> None:
    image = np.full((*SIZE, 3), 180, np.uint8)
    draw_line(image, mesh(), (0, 0, SIZE[1], SIZE[0]), 0.5)
    x, y = mesh()[13, :2].astype(int)
    assert image[y, x, 0] == pytest.approx(90, abs=25)
    assert image[y - 12, x, 0] == 180
    parted = np.full((*SIZE, 3), 180, np.uint8)
    draw_line(parted, mesh(0.2), (0, 0, SIZE[1], SIZE[0]), 0.5)
    assert (parted[:, x] == 180).all()


@pytest.mark.parametrize("at", [(-400.0, 0.0), (0.0, 900.0), (-120.0, -90.0)])
def test_lips_outside_the_picture_are_left(at: tuple[float, float]) -> None:
    points = mesh() + np.array([*at, 0], np.float32)
    image = photo(points)
    made, line = ready_to_part(image, points)
    assert made.shape == image.shape
    draw_line(made.copy(), points, (0, 0, SIZE[1], SIZE[0]), line)
