"""A leg that a photo does not show is made of the other one, and said."""

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import Shown
from masquerade.bodies.puppet import draw
from masquerade.bodies.skeleton import NUMBER, skeleton_of

SHAPE_HW = (240, 200)
WALL = np.full((*SHAPE_HW, 3), 20, np.uint8)
STANDING = Pose(middle=(100.0, 110.0), torso_px=50.0)


def shown(*hidden: str) -> Shown:
    """The mannequin, with holes in its mask where bones are to be hidden."""
    body = mannequin.body(STANDING)
    bones, mask = skeleton_of(body), (mannequin.mask(body, SHAPE_HW) * 255).astype(np.uint8)
    for name in hidden:
        start, end = np.rint(bones.segments[NUMBER[name]]).astype(int).tolist()
        cv2.line(mask, start, end, 0, 16)
    return Shown(mannequin.painted(body, WALL), mask, bones)


def test_a_whole_person_lacks_nothing() -> None:
    assert shown().missing() == []


def test_a_hidden_shin_is_said_and_made_of_the_other_leg() -> None:
    one = shown("left shin")
    (words,) = one.missing()
    assert "left shin" in words
    assert "right leg" in words
    body = mannequin.body(STANDING)
    mine = draw(one.puppet(50.0), skeleton_of(body), WALL).alpha > 0.5
    real = mannequin.mask(body, SHAPE_HW) > 0.5
    assert (mine & real).sum() / (mine | real).sum() > 0.92


def test_from_the_side_a_leg_is_not_turned_round() -> None:
    one = shown("left shin")
    bones = one.skeleton
    narrow = (bones.corners - bones.corners.mean(axis=0)) * np.array([0.2, 1], np.float32)
    bones.corners[:] = narrow + bones.corners.mean(axis=0)
    segments = one.puppet(50.0).skeleton.segments
    ways = [np.diff(segments[NUMBER[f"{side} foot"]], axis=0)[0] for side in ("left", "right")]
    assert ways[0] == pytest.approx(ways[1], abs=1e-3)


def test_two_hidden_shins_stay_missing_and_that_is_said() -> None:
    words = shown("left shin", "right shin").missing()
    assert len([one for one in words if "will be missing" in one]) == 2


def test_a_hidden_forearm_is_said() -> None:
    (words,) = shown("right forearm", "right hand").missing()
    assert words.startswith("the right forearm cannot be seen")
