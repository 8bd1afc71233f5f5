"""The inside of a target's mouth in a face drawn over it."""

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, topology
from masquerade.faces.mouth.kept import bright_inside, keep_mouth


@pytest.mark.parametrize("amount", [1.0, 0.5])
def test_only_the_inside_of_the_mouth_is_kept_and_as_much_as_asked_for(amount: float) -> None:
    marks = topology().neutral.copy()
    marks[list(INNER_LIPS[11:]), 1] += 0.35
    marks = (marks * 60 + np.float32(110)).astype(np.float32)
    frame = np.full((260, 230, 3), 200, np.uint8)
    drawn = np.full((200, 180, 3), 100, np.uint8)
    own = keep_mouth(drawn, frame, marks, marks, (20, 30, 200, 230), 130.0, amount=amount)
    x, y = (marks[list(INNER_LIPS), :2].mean(axis=0) - (20, 30)).astype(int)
    assert own[y, x] == pytest.approx(amount, abs=0.02)
    assert drawn[y, x, 0] == pytest.approx(100 + 100 * amount, abs=3)
    assert own[:40].max() == 0
    assert (drawn[:40] == 100).all()


def test_teeth_are_bright_a_dark_mouth_is_not_and_shut_lips_say_nothing() -> None:
    marks = topology().neutral.copy()
    marks[list(INNER_LIPS[11:]), 1] += 0.25
    marks = (marks * 60 + np.float32(110)).astype(np.float32)
    levels = []
    for inside in ((200, 190, 180), (30, 10, 10)):
        picture = np.full((260, 230, 3), (220, 170, 150), np.uint8)
        cv2.fillPoly(picture, [marks[list(INNER_LIPS), :2].astype(np.int32)], inside)
        levels.append(bright_inside(picture, marks))
    assert levels[0] is not None
    assert levels[1] is not None
    assert levels[0] > 1
    assert levels[1] < 0.2
    shut = marks.copy()
    shut[list(INNER_LIPS), 1] = 150
    assert bright_inside(picture, shut) is None
    assert bright_inside(picture, marks + np.array([900, 0, 0], np.float32)) is None
