"""What a network's answer does to a drawn puppet."""

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.canvas import face_of
from masquerade.bodies.puppet import Drawn
from masquerade.bodies.refine import SAID, laid, refined
from masquerade.bodies.skeleton import skeleton_of
from masquerade.models.trained.body_shape import HEADS

BODY = mannequin.body(Pose(middle=(100.0, 90.0)))
BONES = skeleton_of(BODY)
DRAWN = Drawn(
    mannequin.painted(BODY, np.zeros((220, 200, 3), np.uint8)), mannequin.mask(BODY, (220, 200))
)


class Says:
    """The same for every place."""

    side = 64

    def __init__(self, **words: float) -> None:
        order = ("across", "down", "red", "green", "blue", "share", "more")
        self.values = [words.get(name, 0.0) for name in order]

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        assert seen.dtype == np.uint8
        return np.tile(np.array(self.values, np.float32)[:, None, None], (1, 64, 64))


def test_an_answer_of_nothing_changes_nothing() -> None:
    made = refined(DRAWN, BONES, Says())

    inside = DRAWN.alpha > 0.5
    assert np.array_equal(made.alpha, DRAWN.alpha)
    assert np.array_equal(made.pixels[inside], DRAWN.pixels[inside])


@pytest.mark.parametrize("words", [{"share": 1.0, "red": 1.0}, {"across": 1.0}, {"more": -1.0}])
def test_no_answer_touches_the_face(words: dict[str, float]) -> None:
    made = refined(DRAWN, BONES, Says(**words))

    face = face_of(DRAWN.alpha.shape, BONES) == 255
    there = face & (DRAWN.alpha > 0.5)
    assert there.sum() > 100
    assert np.array_equal(made.pixels[there], DRAWN.pixels[there])
    assert np.array_equal(made.alpha[face], DRAWN.alpha[face])
    body = (DRAWN.alpha > 0.5) & (face_of(DRAWN.alpha.shape, BONES) == 0)
    changed = (made.pixels != DRAWN.pixels).any(axis=2) | (made.alpha != DRAWN.alpha)
    assert changed[body].mean() > 0.05


def test_what_is_painted_is_seen_where_there_is_somebody() -> None:
    made = refined(DRAWN, BONES, Says(share=1.0, green=1.0))

    over = laid(made, np.full((220, 200, 3), 50, np.uint8))
    hips = BODY.joints[[23, 24], :2].mean(axis=0).astype(int)
    assert over.pixels[hips[1] - 5, hips[0]].tolist() == [0, 255, 0]
    assert over.pixels[5, 5].tolist() == [50, 50, 50]


def test_an_answer_has_as_many_channels_as_the_network_gives() -> None:
    assert sum(count for count, _ in HEADS.values()) == SAID
