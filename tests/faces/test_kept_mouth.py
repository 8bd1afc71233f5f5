"""The inside of a target's mouth in a face drawn over it."""

import numpy as np
import pytest

from masquerade.faces.kept_mouth import keep_mouth
from masquerade.faces.mesh import INNER_LIPS, topology


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
