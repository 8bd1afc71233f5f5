"""Mouths open as far as they are asked to, and nothing above the nose moves."""

import numpy as np
import pytest
from tests.faces.mouth.test_shape import talking

from masquerade.faces.mesh import topology
from masquerade.faces.mouth.shape import MouthSpace, on_skull, opening
from masquerade.faces.mouth.spoken_mesh import CLOSED, WIDEST, Mouth, lips_of, spoken
from masquerade.types import Points

MESH = (topology().neutral * 60 + np.array([100, 90, 0])).astype(np.float32)


@pytest.mark.parametrize(
    ("asked", "seen"), [(CLOSED, CLOSED), (0.05, 0.05), (0.2, 0.2), (2.0, WIDEST)]
)
def test_lips_part_as_far_as_asked_up_to_a_limit(asked: float, seen: float) -> None:
    assert opening(on_skull(spoken(MESH, Mouth(asked)))) == pytest.approx(seen, abs=0.01)


def test_the_photo_s_own_opening_leaves_the_mesh() -> None:
    drawn_in = 0.2  # corners follow an opening, which is hardly there
    same = spoken(MESH, Mouth(opening(on_skull(MESH))))
    assert np.abs(same - MESH).max() < drawn_in


def test_chin_and_cheeks_go_along_and_eyes_do_not() -> None:
    change = spoken(MESH, Mouth(0.25, 0.03)) - MESH
    assert change[152, 1] > 5
    assert np.abs(change[[205, 425]]).max() > 0.1
    assert np.abs(change[[33, 263, 133, 362, 168, 10, 468, 473]]).max() < 0.1


def test_lips_close_over_a_jaw_that_is_still_open() -> None:
    made = spoken(MESH, Mouth(CLOSED, jaw=0.2))
    assert opening(on_skull(made)) == pytest.approx(CLOSED, abs=0.01)
    assert made[152, 1] - MESH[152, 1] > 4


def test_corners_are_drawn_out_evenly() -> None:
    change = spoken(MESH, Mouth(opening(on_skull(MESH)), 0.05)) - MESH
    assert change[291, 0] == pytest.approx(-change[61, 0], abs=0.2)
    assert change[291, 0] > 1.5


def test_a_space_s_shapes_become_openings_from_shut_lips() -> None:
    space = MouthSpace.of(talking())
    shapes = np.stack([space.shape_of(one) for one in talking()])

    made = lips_of(space, shapes)

    true = np.array([opening(one) for one in talking()])
    assert made.shape == (len(shapes), 2)
    assert np.corrcoef(made[:, 0], true)[0, 1] > 0.99
    assert made[:, 0].min() < 0.02


def test_rounded_lips_are_fuller_and_come_down_over_the_teeth() -> None:
    neutral = topology().neutral
    flat, rounded = (on_skull(spoken(neutral, Mouth(0.1, spread))) for spread in (0.0, -0.1))

    def thick(mesh: Points) -> float:
        return float(mesh[13, 1] - mesh[0, 1]) + float(mesh[17, 1] - mesh[14, 1])

    assert thick(rounded) > thick(flat) + 0.03
    assert rounded[13, 1] > flat[13, 1] + 0.01
    assert opening(rounded) == pytest.approx(opening(flat), abs=0.01)
