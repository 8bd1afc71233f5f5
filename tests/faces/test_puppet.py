"""A photo's head moves smoothly, within bounds, and leaves the rest alone."""

from itertools import pairwise

import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, LEFT_IRIS, topology
from masquerade.faces.pose import head_pose
from masquerade.faces.puppet import LIMIT_DEG, Gesture, Puppet, moved, moved_mesh, puppet
from masquerade.types import Face

SIDE = 256


@pytest.fixture(scope="module")
def doll() -> Puppet:
    """A face of soft stripes on a plain ground, the mesh at its average."""
    mesh = (topology().neutral * 52 + np.array([128, 105, 0])).astype(np.float32)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    waves = 128 + 60 * np.sin(x / 9.0) * np.cos(y / 11.0)
    picture = np.stack([waves, waves * 0.8, waves * 0.6], axis=-1).astype(np.uint8)
    low, high = mesh.min(axis=0), mesh.max(axis=0)
    face = Face((low[0], low[1], high[0], high[1]), 1.0, mesh, (0.0, 0.0, 0.0))
    return puppet(picture, face)


def test_rest_gives_the_photo_back(doll: Puppet) -> None:
    assert np.abs(moved(doll, Gesture()).astype(int) - doll.picture).max() <= 1


@pytest.mark.parametrize(
    "gesture",
    [
        Gesture(yaw_deg=12),
        Gesture(yaw_deg=-12, pitch_deg=8),
        Gesture(roll_deg=6, blink=1),
        Gesture(pitch_deg=-10, mouth=1, gaze_x=1, gaze_y=-1),
    ],
)
def test_edges_of_the_picture_stay(doll: Puppet, gesture: Gesture) -> None:
    change = np.abs(moved(doll, gesture).astype(int) - doll.picture)
    rim = np.concatenate([change[:2].ravel(), change[-2:].ravel(), change[:, :2].ravel()])
    assert rim.max() <= 4
    assert change.mean() > 0.2


def test_small_steps_change_the_picture_little(doll: Puppet) -> None:
    steps = [
        Gesture(yaw_deg=12 * t, pitch_deg=5 * t, blink=t, mouth=t) for t in np.linspace(0, 1, 31)
    ]
    frames = [moved(doll, step).astype(np.int16) for step in steps]
    jumps = [np.abs(after - before).mean() for before, after in pairwise(frames)]
    assert max(jumps) < 4 * np.median(jumps) + 0.5


@pytest.mark.parametrize(
    ("gesture", "axis", "sign"),
    [
        (Gesture(yaw_deg=10), 0, 1),
        (Gesture(yaw_deg=-10), 0, -1),
        (Gesture(pitch_deg=10), 1, 1),
        (Gesture(pitch_deg=-10), 1, -1),
    ],
)
def test_nose_goes_where_the_angle_points(
    doll: Puppet, gesture: Gesture, axis: int, sign: int
) -> None:
    nose = moved_mesh(doll, gesture)[1] - doll.landmarks[1]
    assert sign * nose[axis] > 3


def test_the_moved_head_has_the_pose_of_the_gesture(doll: Puppet) -> None:
    turned = moved_mesh(doll, Gesture(yaw_deg=14, pitch_deg=-11, roll_deg=9))
    assert head_pose(turned) == pytest.approx((14, -11, 9), abs=0.05)


def test_angles_are_cut_to_the_limit(doll: Puppet) -> None:
    far, limit = Gesture(yaw_deg=80), Gesture(yaw_deg=LIMIT_DEG)
    assert np.array_equal(moved(doll, far), moved(doll, limit))


def test_mouth_opens_and_lids_close(doll: Puppet) -> None:
    opened = moved_mesh(doll, Gesture(mouth=1))
    closed = moved_mesh(doll, Gesture(blink=1))
    assert opened[14, 1] - opened[13, 1] > doll.landmarks[14, 1] - doll.landmarks[13, 1] + 5
    assert closed[145, 1] - closed[159, 1] < 1.0
    ends = [INNER_LIPS[0], INNER_LIPS[10]]
    assert np.abs(opened[ends] - doll.landmarks[ends]).max() < 2


def test_eyes_look_without_the_head(doll: Puppet) -> None:
    looking = moved_mesh(doll, Gesture(gaze_x=1)) - doll.landmarks
    assert looking[LEFT_IRIS[0], 0] > 1
    assert np.abs(looking[:468]).max() < 1e-4
