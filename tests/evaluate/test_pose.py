from __future__ import annotations

from collections.abc import Callable

import pytest

from masquerade.evaluate.pose import pose_error_deg
from masquerade.types import Points


@pytest.mark.parametrize("yaw", [0.0, 5.0, -30.0])
def test_pose_error_is_the_angle_between_heads(yaw: float, mesh: Callable[..., Points]) -> None:
    assert pose_error_deg(mesh(yaw), mesh()) == pytest.approx(abs(yaw), abs=0.1)
