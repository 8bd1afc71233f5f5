from __future__ import annotations

import numpy as np
import pytest

from masquerade.evaluate.pose import pose_error_deg
from masquerade.faces.mesh import topology
from masquerade.faces.pose import rotation
from masquerade.types import Points


def mesh(yaw: float = 0.0, size: float = 50.0, at: tuple[float, float] = (90, 80)) -> Points:
    turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
    return (turned * np.float32(size) + np.array([*at, 0], np.float32)).astype(np.float32)


@pytest.mark.parametrize("yaw", [0.0, 5.0, -30.0])
def test_pose_error_is_the_angle_between_heads(yaw: float) -> None:
    assert pose_error_deg(mesh(yaw), mesh()) == pytest.approx(abs(yaw), abs=0.1)
