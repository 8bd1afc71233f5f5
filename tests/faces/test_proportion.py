from __future__ import annotations

import numpy as np

from masquerade.faces.mesh import LEFT_EYE, OVAL, RIGHT_EYE, topology
from masquerade.faces.pose import rotation
from masquerade.faces.proportion import Proportion, reproportion
from masquerade.types import Points


def mesh(shape: Points, yaw: float = 20.0) -> Points:
    turned = shape @ rotation(yaw, 5, -8).T.astype(np.float32)
    return (turned * np.float32(50) + np.array([100, 90, 0], np.float32)).astype(np.float32)


def wide_eyed() -> Points:
    shape = topology().neutral.copy()
    middle = shape[:, 0]
    near = np.exp(-((shape[:, 1] / 0.4) ** 2))
    shape[:, 0] = middle * (1 + 0.2 * near)
    return shape


def test_proportions_do_not_depend_on_the_pose() -> None:
    one, other = (Proportion.of(mesh(topology().neutral, yaw)) for yaw in (-30.0, 25.0))
    np.testing.assert_allclose(one.points, other.points, atol=1e-3)


def test_amount_zero_changes_nothing() -> None:
    points = mesh(topology().neutral)
    own = Proportion.of(points)
    assert reproportion(points, own, Proportion(wide_eyed()), 0) is points


def test_eyes_move_apart_and_the_outline_stays() -> None:
    points = mesh(topology().neutral, yaw=0)
    moved = reproportion(points, Proportion.of(points), Proportion(wide_eyed()), 1.0)

    def apart(landmarks: Points) -> float:
        centres = [landmarks[list(eye), :2].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE)]
        return float(np.linalg.norm(centres[0] - centres[1]))

    assert apart(moved) > apart(points) + 2
    assert np.abs(moved - points)[list(OVAL)].max() < 0.3
