from __future__ import annotations

import numpy as np
import pytest

from benchmarks.compose_conditions import STEP_PX, STILL, all_conditions, moved
from masquerade.faces.mesh import topology
from masquerade.types import Face

LANDMARKS = (topology().neutral * 30 + np.array([120, 90, 0])).astype(np.float32)
FACE = Face((60.0, 30.0, 180.0, 150.0), 1.0, LANDMARKS, (0.0, 0.0, 0.0))


@pytest.mark.parametrize("condition", all_conditions(10), ids=lambda one: one.name)
def test_every_condition_gives_a_picture_of_the_same_size(condition: object) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(40, 200, (180, 240, 3), dtype=np.uint8)
    made = condition.change(picture, FACE, 6)  # type: ignore[attr-defined]
    assert made.shape == picture.shape
    assert made.dtype == np.uint8
    if condition.name != "plain":  # type: ignore[attr-defined]
        assert (made != picture).any()


def test_a_moving_face_keeps_still_first() -> None:
    left = [moved(FACE, number, 10).box[0] for number in range(10)]
    steps = np.diff(left)
    assert (steps[: STILL - 1] == 0).all()
    assert (steps[STILL - 1 :] == STEP_PX).all()
