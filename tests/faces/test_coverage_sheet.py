"""The picture of what pictures of a person show."""

from dataclasses import replace

import numpy as np

from masquerade.faces.coverage import Measures, judge
from masquerade.faces.coverage_sheet import TILE, coverage_sheet, thumbnail
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology

PLAIN = Measures(0, 0, 200, 12, 0.02, 0.3, 0.0, (0.0, 0.0), 128)


def test_a_view_with_pictures_is_drawn_darker_than_one_without() -> None:
    sheets = [
        coverage_sheet(judge(some), some, [])
        for some in ([PLAIN] * 30, [replace(PLAIN, yaw_deg=30)] * 30)
    ]
    x, y = 120 + 4 * 40 + 4, 84 + 3 * 40 + 4
    assert sheets[0][y, x].sum() < sheets[1][y, x].sum() - 100


def test_faces_stand_below_in_rows() -> None:
    tile = np.full((TILE, TILE, 3), (200, 10, 10), np.uint8)
    without = coverage_sheet(judge([PLAIN]), [PLAIN], [])
    made = coverage_sheet(judge([PLAIN]), [PLAIN], [tile] * 13)
    margin = (made.shape[1] - 12 * TILE) // 2
    assert len(made) - len(without) == 2 * TILE + margin - 1
    assert (made[-TILE - margin, margin] == (200, 10, 10)).all()
    assert (made[-TILE - margin, [0, -1]] != (200, 10, 10)).any(axis=1).all()
    assert (made[-1] != (200, 10, 10)).any(axis=1).all()


def test_a_thumbnail_shows_the_whole_face() -> None:
    marks = (topology().neutral * 30 + np.array([150, 90, 0])).astype(np.float32)
    image = np.zeros((200, 300, 3), np.uint8)
    image[int(marks[:, 1].min()) : int(marks[:, 1].max()), 120:180] = 255
    small = thumbnail(image, face_of(marks, 1.0))
    assert small.shape == (TILE, TILE, 3)
    assert small[TILE // 2, TILE // 2].min() == 255
    assert small[2, TILE // 2].max() == 0
