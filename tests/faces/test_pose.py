"""Head pose: signs, and that it finds what was done."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masquerade.faces import mesh
from masquerade.faces.pose import angles, fit_head, head_pose, rotation


@given(yaw=st.floats(-80, 80), pitch=st.floats(-80, 80), roll=st.floats(-179, 179))
def test_rotation_and_angles_undo_each_other(yaw: float, pitch: float, roll: float) -> None:
    assert angles(rotation(yaw, pitch, roll)) == pytest.approx((yaw, pitch, roll), abs=1e-4)


@pytest.mark.parametrize(
    ("pose", "axis", "sign"),
    [((20, 0, 0), 0, 1), ((-20, 0, 0), 0, -1), ((0, 15, 0), 1, 1), ((0, -15, 0), 1, -1)],
)
def test_positive_turns_to_the_viewers_right_and_down(
    pose: tuple[float, float, float], axis: int, sign: int
) -> None:
    nose = rotation(*pose) @ [0, 0, -1]
    assert np.sign(nose[axis]) == sign


def test_positive_roll_is_clockwise() -> None:
    right = rotation(0, 0, 30) @ [1, 0, 0]
    assert right[1] > 0  # y grows downwards


@given(
    yaw=st.floats(-60, 60),
    pitch=st.floats(-40, 40),
    roll=st.floats(-170, 170),
    scale=st.floats(10, 500),
)
def test_pose_of_a_turned_neutral_face(yaw: float, pitch: float, roll: float, scale: float) -> None:
    seen = scale * mesh.topology().neutral @ rotation(yaw, pitch, roll).T + [400, 300, 5]
    assert head_pose(seen.astype(np.float32)) == pytest.approx((yaw, pitch, roll), abs=0.05)
    assert fit_head(seen.astype(np.float32)).scale == pytest.approx(scale, rel=1e-3)


def test_speech_does_not_turn_the_head() -> None:
    seen = mesh.topology().neutral * 100
    talking = seen.copy()
    talking[list(mesh.INNER_LIPS)[11:], 1] += 20
    talking[152, 1] += 25
    assert head_pose(talking) == pytest.approx(head_pose(seen), abs=1e-6)
