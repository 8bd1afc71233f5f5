from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.puppet import Puppet, _block, cut_out, draw, order
from masquerade.bodies.skeleton import NUMBER, Layer, Skeleton, skeleton_of

SHAPE_HW = (240, 200)
WALL = np.full((*SHAPE_HW, 3), 20, np.uint8)
STANDING = Pose(middle=(100.0, 110.0), torso_px=50.0)


@pytest.fixture(scope="module")
def puppet() -> Puppet:
    body = mannequin.body(STANDING)
    return cut_out(mannequin.painted(body, WALL), mannequin.mask(body, SHAPE_HW), skeleton_of(body))


def overlap(pose: Pose, puppet: Puppet) -> float:
    """Of the puppet in a pose with the mannequin itself in it."""
    body = mannequin.body(pose)
    mine = draw(puppet, skeleton_of(body), WALL).alpha > 0.5
    real = mannequin.mask(body, SHAPE_HW) > 0.5
    return float((mine & real).sum() / (mine | real).sum())


def test_in_its_own_pose_it_is_what_it_was_cut_from(puppet: Puppet) -> None:
    body = mannequin.body(STANDING)
    made = draw(puppet, skeleton_of(body), WALL)
    inside = mannequin.mask(body, SHAPE_HW) > 0.5
    assert overlap(STANDING, puppet) > 0.93
    wrong = np.abs(made.pixels.astype(int) - mannequin.painted(body, WALL))[inside]
    assert np.median(wrong) == 0


@pytest.mark.parametrize(
    ("pose", "least"),
    [
        (Pose(arms=70, middle=(100.0, 110.0), torso_px=50.0), 0.8),
        (Pose(legs=25, elbows=60, middle=(100.0, 110.0), torso_px=50.0), 0.75),
        (Pose(lean=20, middle=(110.0, 120.0), torso_px=45.0), 0.8),
        (Pose(middle=(60.0, 90.0), torso_px=30.0), 0.8),
    ],
    ids=["arms-out", "legs-apart", "leaning", "smaller"],
)
def test_it_takes_on_other_poses(pose: Pose, least: float, puppet: Puppet) -> None:
    assert overlap(pose, puppet) > least


def test_what_lies_behind_stays_where_nothing_is_drawn(puppet: Puppet) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*SHAPE_HW, 3), dtype=np.uint8)
    made = draw(puppet, skeleton_of(mannequin.body(STANDING)), noise)
    assert (made.pixels[made.alpha == 0] == noise[made.alpha == 0]).all()


def test_half_outside_the_picture_it_is_drawn_as_far_as_it_is_in(puppet: Puppet) -> None:
    outside = Pose(middle=(-5.0, 110.0), torso_px=50.0)
    made = draw(puppet, skeleton_of(mannequin.body(outside)), WALL)
    assert made.alpha.any()
    far = Pose(middle=(-900.0, 110.0), torso_px=50.0)
    assert not draw(puppet, skeleton_of(mannequin.body(far)), WALL).alpha.any()


def test_a_hand_before_the_hip_does_not_stay_there() -> None:
    at_hips = replace(STANDING, arms=-6.0, elbows=2.0)
    body = mannequin.body(at_hips)
    made = cut_out(mannequin.painted(body, WALL), mannequin.mask(body, SHAPE_HW), skeleton_of(body))
    away = skeleton_of(mannequin.body(replace(STANDING, arms=80.0)))

    drawn = draw(made, away, WALL).pixels[100:150, 80:120].astype(int)

    skin = np.abs(drawn - mannequin.SKIN).max(axis=2) < 40
    assert skin.sum() < 10


def test_an_arm_far_behind_the_body_is_drawn_first() -> None:
    body = mannequin.body(STANDING)
    body.metres[[11, 13, 15, 17, 19], 2] = 0.4  # of the left arm
    layers = order(skeleton_of(body))
    assert layers.index(Layer.LEFT_ARM) < layers.index(Layer.TORSO)
    assert layers.index(Layer.TORSO) < layers.index(Layer.RIGHT_ARM)


def test_a_torso_that_bends_at_the_side_is_as_thick_as_one_that_stands() -> None:
    """Its shoulders lie one behind the other along the spine, so their distance says nothing."""
    standing = replace(skeleton_of(mannequin.body(STANDING)), corners=_corners(0.0, 4.0, 0.0))
    bent = replace(standing, corners=_corners(70.0, 1.0, 8.0))
    assert _thickness(bent) > 0.9 * _thickness(standing)


def test_a_torso_that_turns_its_back_keeps_its_cloth_unmirrored() -> None:
    front = replace(skeleton_of(mannequin.body(STANDING)), corners=_corners(0.0, 15.0, 0.0))
    back = replace(front, corners=front.corners[[1, 0, 3, 2]])
    np.testing.assert_allclose(_block(back), _block(front), atol=1e-4)


def test_a_torso_shows_no_head_and_a_head_no_torso(puppet: Puppet) -> None:
    """Else a torso that is drawn wider shows the head a second time, behind the shoulders."""
    masks, body = puppet.masks[Layer.TORSO], mannequin.body(STANDING)
    nose, belly = body.joints[0, :2].astype(int), body.joints[[11, 12, 23, 24], :2].mean(axis=0)
    assert masks[nose[1] - 8, nose[0]].tolist()[:2] == [0, 255]
    assert masks[int(belly[1]), int(belly[0])].tolist()[:2] == [255, 0]


def test_a_raised_knee_lies_before_the_shirt() -> None:
    standing = skeleton_of(mannequin.body(STANDING))
    assert order(standing).index(Layer.LEFT_LEG) < order(standing).index(Layer.TORSO)
    segments, depth = standing.segments.copy(), standing.depth.copy()
    thigh = NUMBER["left thigh"]
    segments[thigh, 1] = segments[thigh, 0] + (20, 5)
    depth[thigh] -= 0.2
    raised = order(replace(standing, segments=segments, depth=depth))
    assert raised.index(Layer.LEFT_LEG) > raised.index(Layer.TORSO)
    assert raised.index(Layer.RIGHT_LEG) < raised.index(Layer.TORSO)


def _corners(bent_deg: float, apart: float, behind: float) -> NDArray[np.float32]:
    """Corners of a torso of 50 pixels that leans, its joints apart across and along the spine."""
    turn = np.radians(bent_deg)
    up, across = np.array([[np.sin(turn), -np.cos(turn)], [np.cos(turn), np.sin(turn)]])
    way = across * apart + up * behind
    middles = np.array([[100.0, 110.0], [100.0, 110.0]]) + np.array([up * 50, up * 0])
    return np.concatenate([[at + way, at - way] for at in middles]).astype(np.float32)


def _thickness(skeleton: Skeleton) -> float:
    block = _block(skeleton)
    spine = block[:2].mean(axis=0) - block[2:].mean(axis=0)
    across = np.array([-spine[1], spine[0]]) / np.linalg.norm(spine)
    return float(abs((block[0] - block[1]) @ across))
