import numpy as np
import pytest
from numpy.typing import NDArray
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.puppet import Puppet, _widened, cut_out, draw, order
from masquerade.bodies.skeleton import Layer, skeleton_of

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


def test_an_arm_far_behind_the_body_is_drawn_first() -> None:
    body = mannequin.body(STANDING)
    body.metres[[11, 13, 15, 17, 19], 2] = 0.4  # of the left arm
    layers = order(skeleton_of(body))
    assert layers.index(Layer.LEFT_ARM) < layers.index(Layer.TORSO)
    assert layers.index(Layer.TORSO) < layers.index(Layer.RIGHT_ARM)


def test_a_torso_that_bends_at_the_side_is_as_thick_as_one_that_stands() -> None:
    """Its shoulders lie one behind the other along the spine, so their distance says nothing."""

    def corners(tilt_deg: float, apart: float) -> NDArray[np.float32]:
        turn = np.radians(tilt_deg)
        up, across = np.array([[np.sin(turn), -np.cos(turn)], [np.cos(turn), np.sin(turn)]])
        pairs = [(middle, one) for middle in (up * 50, up * 0) for one in (apart, -apart)]
        return np.array([at + one * (across * 0.3 + up) for at, one in pairs], np.float32)

    upright = corners(0.0, 4.0)
    upright[:, 0] += np.array([8, -8, 8, -8], np.float32)
    made = _widened(corners(70.0, 3.0), upright, 1.0, 50.0)
    middles = made[:2].mean(axis=0) - made[2:].mean(axis=0)
    across = np.array([-middles[1], middles[0]]) / np.linalg.norm(middles)
    wide, was = abs((made[0] - made[1]) @ across), upright[0, 0] - upright[1, 0]
    assert wide > 0.8 * was
