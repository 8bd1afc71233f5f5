"""A photo's person moves smoothly, teeth come into sight, and what lies behind stays."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from masquerade.faces.living.draw import LIMIT_DEG, Moment, drawn, moved_mesh
from masquerade.faces.living.photo import LivingPhoto, living_photo
from masquerade.faces.mesh import INNER_LIPS, topology
from masquerade.faces.mouth.spoken_mesh import Mouth
from masquerade.faces.pose import head_pose
from masquerade.types import Face

SIDE = 256
MESH = (topology().neutral * 46 + np.array([128, 100, 0])).astype(np.float32)
LOW, HIGH = MESH.min(axis=0), MESH.max(axis=0)
FACE = Face((LOW[0], LOW[1], HIGH[0], HIGH[1]), 1.0, MESH, (0.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def photo() -> LivingPhoto:
    """A face of soft stripes on a person of one colour, in front of stripes."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    waves = 128 + 50 * np.sin(x / 9) * np.cos(y / 11)
    picture = np.stack([waves, waves * 0.8, waves * 0.6], axis=-1).astype(np.uint8)
    matte = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(matte, (128, 120), (70, 90), 0, 0, 360, 1.0, -1)
    cv2.rectangle(matte, (50, 210), (206, 256), 1.0, -1)
    return living_photo(picture, FACE, matte)


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(one.astype(np.int16) - other)


def test_rest_gives_the_photo_back(photo: LivingPhoto) -> None:
    assert apart(drawn(photo, Moment()), photo.picture).mean() < 0.5


@pytest.mark.parametrize(
    "moment",
    [
        Moment((LIMIT_DEG, 4, 2), (0.03, 0.02), 0.03),
        Moment((-9, -4, -3), mouth=Mouth(0.2, 0.02), blink=1),
    ],
)
def test_the_background_stays_bit_by_bit(photo: LivingPhoto, moment: Moment) -> None:
    change = apart(drawn(photo, moment), photo.picture)
    assert change[:20, :40].max() == 0
    assert change[60:180, :30].max() == 0
    assert change.mean() > 0.1


def test_small_steps_change_the_picture_little(photo: LivingPhoto) -> None:
    steps = [
        Moment((8 * t, 3 * t, t), blink=float(t), mouth=Mouth(0.2 * t))
        for t in np.linspace(0, 1, 21)
    ]
    frames = [drawn(photo, step) for step in steps]
    jumps = [apart(after, before).mean() for before, after in pairwise(frames)]
    assert max(jumps) < 4 * np.median(jumps) + 0.5


def test_the_moved_head_has_the_pose_of_the_moment(photo: LivingPhoto) -> None:
    turned = moved_mesh(photo, Moment((9, -6, 4)))
    assert head_pose(turned) == pytest.approx((9, -6, 4), abs=0.05)


def test_angles_are_cut_to_the_limit(photo: LivingPhoto) -> None:
    assert np.array_equal(drawn(photo, Moment((80, 0, 0))), drawn(photo, Moment((LIMIT_DEG, 0, 0))))


def test_an_open_mouth_shows_light_teeth_above_darkness(photo: LivingPhoto) -> None:
    moment = Moment(mouth=Mouth(0.3))
    ring = moved_mesh(photo, moment)[list(INNER_LIPS), :2]
    (x, top), (_, bottom) = ring[5], ring[15]
    column = drawn(photo, moment)[round(top) : round(bottom), round(x) - 2 : round(x) + 3].mean(
        axis=(1, 2)
    )
    assert column[1:4].max() > 2 * column[len(column) // 2 : -3].min()


def test_a_blink_changes_the_eyes_alone(photo: LivingPhoto) -> None:
    change = apart(drawn(photo, Moment(blink=1.0)), drawn(photo, Moment())).max(axis=2)
    rows = np.flatnonzero(change.max(axis=1))
    assert change.max() > 15
    assert rows.min() > MESH[[105, 334], 1].min() - 12
    assert rows.max() < MESH[1, 1]


def test_without_a_matte_head_and_shoulders_are_told_from_the_mesh(photo: LivingPhoto) -> None:
    made = living_photo(photo.picture, FACE)
    assert made.cover[25, 32] == 1
    assert made.cover[3, 3] == 0
    assert made.cover[60, 32] == 1
