"""Joints are put in the middle of what a mask shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.centred import _apart, centred
from masquerade.bodies.pose import ANKLES, ELBOWS, HIPS, INDICES, KNEES, SHOULDERS, WRISTS, Body

APART = Pose(arms=35.0, legs=14.0, middle=(130.0, 110.0), torso_px=60.0)
SHAPE_HW = (260, 260)
WHOLE = np.array([[1, 0, 0], [0, 1, 0]], np.float64)


def away_px(one: Body, other: Body, joints: tuple[int, ...]) -> float:
    """How far joints are from where they should be, on the mean."""
    apart = (one.joints - other.joints)[list(joints), :2]
    return float(np.linalg.norm(apart, axis=1).mean())


def displaced(body: Body, joints: tuple[int, ...], x_px: float, y_px: float = 0.0) -> Body:
    moved = body.joints.copy()
    moved[list(joints), :2] += (x_px, y_px)
    return replace(body, joints=moved)


def test_joints_amid_their_limbs_stay() -> None:
    body = mannequin.body(APART)
    found = centred(body, mannequin.mask(body, SHAPE_HW), WHOLE)
    for joints in (ELBOWS, WRISTS, KNEES, ANKLES):
        assert away_px(found, body, joints) < 1.0, joints


@pytest.mark.parametrize(
    ("joints", "y_px"), [((*KNEES, *ANKLES), 0.0), ((ELBOWS[0], WRISTS[0]), -3.5)]
)
def test_joints_beside_their_limbs_come_back(joints: tuple[int, ...], y_px: float) -> None:
    body = mannequin.body(APART)
    wrong = displaced(body, joints, 5.0, y_px)
    found = centred(wrong, mannequin.mask(body, SHAPE_HW), WHOLE)
    assert away_px(found, body, joints) < 0.5 * away_px(wrong, body, joints)


def test_a_hand_goes_with_its_wrist() -> None:
    body = mannequin.body(APART)
    wrong = displaced(body, (ELBOWS[0], WRISTS[0], INDICES[0]), 5.0)
    found = centred(wrong, mannequin.mask(body, SHAPE_HW), WHOLE)
    by = (found.joints - wrong.joints)[[WRISTS[0], INDICES[0]], :2]
    np.testing.assert_allclose(by[0], by[1], atol=1e-3)


def test_arms_before_the_body_stay_where_the_network_has_them() -> None:
    body = mannequin.body(replace(APART, arms=-12.0, elbows=-8.0))
    wrong = displaced(body, ELBOWS, 3.0)
    found = centred(wrong, np.ones(SHAPE_HW, np.float32), WHOLE)
    np.testing.assert_allclose(found.joints, wrong.joints, atol=1e-3)


def test_a_crop_of_any_size_says_the_same() -> None:
    body = displaced(mannequin.body(APART), KNEES, 4.0)
    cover = mannequin.cover(mannequin.body(APART), SHAPE_HW)
    one = centred(body, cover.mask, cover.crop_from_frame)
    other = centred(body, mannequin.mask(mannequin.body(APART), SHAPE_HW), WHOLE)
    assert away_px(one, other, (*KNEES, *ANKLES, *ELBOWS)) < 1.5


def test_a_torso_from_the_side_comes_between_belly_and_back() -> None:
    body = mannequin.body(APART)
    joints = body.joints.copy()
    for pair in (SHOULDERS, HIPS):  # one before the other
        joints[list(pair), 0] = joints[list(pair), 0].mean()
    body = replace(body, joints=joints)
    mask = np.zeros(SHAPE_HW, np.float32)
    mask[40:125, 115:153] = 1  # the back at 115, and the joints at 130
    found = centred(body, mask, WHOLE)
    assert np.abs(found.joints[list(SHOULDERS), 0].mean() - 133.5) < 1.0


def test_nobody_in_the_mask_changes_nothing() -> None:
    body = mannequin.body(APART)
    found = centred(body, np.zeros(SHAPE_HW, np.float32), WHOLE)
    np.testing.assert_allclose(found.joints, body.joints, atol=1e-3)


@pytest.mark.parametrize(
    ("beside", "edges"),
    [
        ((12.0, 0.0, 12.0), (-4.0, 16.0)),  # ahead of the other: the edge ahead is its own
        ((-12.0, 0.0, -12.0), (-16.0, 4.0)),
        ((1.0, 0.0, -1.0), (np.nan, np.nan)),  # before the other: nobody can tell
        ((90.0, 90.0, 90.0), (-16.0, 16.0)),  # far away, and no part of what is seen
    ],
)
def test_legs_that_are_seen_as_one_have_one_edge_each(
    beside: tuple[float, float, float], edges: tuple[float, float]
) -> None:
    low, high = np.array([-16.0, -8.0], np.float32), np.array([16.0, 8.0], np.float32)

    found = _apart(low, high, np.array(beside, np.float32), radius=10.0, torso_px=60.0)

    np.testing.assert_allclose([found[0][0], found[1][0]], edges)
    np.testing.assert_allclose([found[0][1], found[1][1]], (-8.0, 8.0))  # one leg is seen there
