from dataclasses import replace

import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.pose import LEFT_EAR, RIGHT_EAR
from masquerade.bodies.skeleton import (
    NUMBER,
    build_of,
    px_per_metre,
    retarget,
    skeleton_of,
    torso_px_of,
)


def test_lengths_are_those_that_the_person_has_whatever_the_size() -> None:
    large, small = (mannequin.body(Pose(torso_px=size)) for size in (80.0, 20.0))
    np.testing.assert_allclose(build_of([large]), build_of([small]), rtol=1e-5)
    assert abs(build_of([large])[NUMBER["left thigh"]] - 0.85) < 0.01
    assert abs(torso_px_of(large) - 80.0) < 1
    assert abs(px_per_metre(large) - 160.0) < 1


def test_another_build_keeps_directions_and_the_ground() -> None:
    body = mannequin.body(Pose(legs=10))
    bones, build = skeleton_of(body), build_of([body])
    longer = build.copy()
    longer[[NUMBER["left shin"], NUMBER["right shin"]]] *= 1.2

    made = retarget(bones, build, longer)

    for name in ("left shin", "left thigh", "right forearm"):
        before, after = (one.segments[NUMBER[name]] for one in (bones, made))
        ways = [(end - start) / np.linalg.norm(end - start) for start, end in (before, after)]
        np.testing.assert_allclose(ways[0], ways[1], atol=1e-5)
    shins = [one.segments[NUMBER["left shin"]] for one in (bones, made)]
    lengths = [np.linalg.norm(end - start) for start, end in shins]
    assert abs(lengths[1] / lengths[0] - 1.2) < 0.01
    feet = [one.segments[NUMBER["left foot"], :, 1].max() for one in (bones, made)]
    assert abs(feet[0] - feet[1]) < 0.5


def test_the_same_build_changes_nothing() -> None:
    body = mannequin.body(Pose(arms=40))
    bones, build = skeleton_of(body), build_of([body])
    np.testing.assert_allclose(retarget(bones, build, build).segments, bones.segments, atol=1e-3)


def test_a_head_points_where_its_face_does_however_the_torso_leans() -> None:
    upright, bent = mannequin.body(Pose()), mannequin.body(Pose(lean=40.0))
    face = list(range(11))
    ears, to = (one.joints[[LEFT_EAR, RIGHT_EAR], :2].mean(axis=0) for one in (upright, bent))
    joints = bent.joints.copy()
    joints[face, :2] = upright.joints[face, :2] - ears + to
    bones = skeleton_of(replace(bent, joints=joints))
    way = np.diff(bones.segments[NUMBER["head"]], axis=0)[0]
    assert abs(np.degrees(np.arctan2(way[0], -way[1]))) < 15
