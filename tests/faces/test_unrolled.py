"""Faces unrolled onto one map."""

import cv2
import numpy as np

from masquerade.faces.mesh import topology
from masquerade.faces.pose import rotation
from masquerade.faces.unrolled import SIDE, layout, squareness, unroll
from masquerade.faces.warp import widen
from masquerade.types import Points


def _marks(px: float, yaw: float = 0.0) -> Points:
    turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
    return (turned * np.float32(px) + np.float32(120)).astype(np.float32)


def test_a_mark_on_the_skin_lies_at_the_same_place_whatever_the_pose() -> None:
    place = layout().points[205, :2]
    for px, yaw in ((60, 0), (45, 0), (60, 12), (60, -12)):
        marks = _marks(px, yaw)
        image = np.full((240, 240, 3), 90, np.uint8)
        x, y = marks[205, :2]
        cv2.circle(image, (round(float(x)), round(float(y))), 4, (255, 0, 0), -1)
        red = unroll(image, marks)[0][..., 0].astype(np.float64) - 90
        red *= red > 80
        middle = [(red * axis).sum() / red.sum() for axis in np.mgrid[:SIDE, :SIDE]]
        assert np.hypot(middle[1] - place[0], middle[0] - place[1]) < 4


def test_the_far_side_of_a_turned_head_counts_less() -> None:
    _, seen = unroll(np.full((240, 240, 3), 90, np.uint8), _marks(60, 40))
    right, left = seen[20:44, 44:56].mean(), seen[20:44, 8:20].mean()
    assert abs(right - left) > 0.3
    assert seen.min() >= 0
    assert seen.max() <= 1


def test_a_face_seen_from_the_front_is_square_at_the_nose_and_not_at_the_ears() -> None:
    facing = squareness(widen(_marks(60)))
    assert facing[5] > 0.8
    assert facing[[234, 454]].max() < 0.5


def test_the_parts_of_the_map_do_not_overlap_where_they_must_not() -> None:
    here = layout()
    assert here.mouth.max() > 0.99
    assert (here.mouth * here.eyes).max() < 0.01
    assert here.skin.max() == 1
    assert np.isfinite(here.harmonics).all()
