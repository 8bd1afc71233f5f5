"""Where a mesh is drawn so that it is read where it was meant."""

from __future__ import annotations

import numpy as np
import pytest

from masquerade.faces.aim import FIRST, Aim
from masquerade.faces.mesh import INNER_LIPS, LIPS, NOSE_BASE, topology
from masquerade.faces.pose import rotation
from masquerade.types import Points

MOUTH = [*LIPS, *INNER_LIPS]
EYES_PX = 60.0


def mesh(yaw: float = 0.0) -> Points:
    turned = topology().neutral @ rotation(yaw, 0.0, 0.0).T.astype(np.float32)
    return (turned * np.float32(EYES_PX) + np.float32([150, 120, 0])).astype(np.float32)


def smiling(landmarks: Points, px: float) -> Points:
    """As a network reads it that sees the mouth and what is around it lower than they are drawn."""
    neutral = topology().neutral[:, :2]
    away = np.linalg.norm(neutral[:, None] - neutral[MOUTH], axis=-1).min(axis=1)
    read = landmarks.copy()
    read[:, 1] += np.float32(px) * np.exp(-0.5 * (away / 0.2) ** 2).astype(np.float32)
    return read


def taught(meant: Points, px: float, *, share: float = 1.0) -> Aim:
    aim = Aim(share=share)
    aim.step()
    while aim.due:
        aim.learn(smiling(aim.at(meant), px), meant)
    return aim


@pytest.mark.parametrize("yaw", [0.0, 25.0])
def test_lips_that_are_read_too_low_are_drawn_higher(yaw: float) -> None:
    meant = mesh(yaw)

    drawn = taught(meant, 2.4).at(meant)

    assert -2.4 < float((drawn - meant)[MOUTH, 1].mean()) < -0.8


def test_what_people_are_known_by_stays() -> None:
    meant = mesh()
    drawn = taught(meant, 2.4).at(meant)

    moved = np.abs(drawn - meant)[:, 1]
    assert moved[[6, 197, 152, 10, 50, 280]].max() < 0.1
    assert moved[list(NOSE_BASE)].max() < 0.5 * moved[MOUTH].max()


def test_errors_that_nobody_sees_are_left() -> None:
    meant = mesh()

    assert np.allclose(taught(meant, 0.3).at(meant), meant, atol=1e-3)


def test_no_point_is_moved_far_whatever_is_read() -> None:
    meant = mesh()

    assert np.abs(taught(meant, 40.0).at(meant) - meant)[:, :2].max() <= 0.06 * 1.1 * EYES_PX


def test_a_share_moves_that_much_less() -> None:
    meant = mesh()
    whole, part = (taught(meant, 2.4, share=share).at(meant) - meant for share in (1.0, 0.5))

    assert np.abs(part).max() < 0.8 * np.abs(whole).max()


def test_faces_are_read_often_at_first_and_rarely_later() -> None:
    aim, meant = Aim(), mesh()
    read_at = []
    for frame in range(1, 1001):
        aim.step()
        while aim.due:
            aim.learn(meant, meant)
            read_at.append(frame)
            if frame > 1:
                break

    assert read_at[: FIRST + 3] == [1, 1, 2, 8, 18]
    assert sum(frame <= 250 for frame in read_at) == FIRST + 11
    assert sum(frame > 750 for frame in read_at) == 3


def test_a_new_reading_is_taken_up_little_by_little() -> None:
    meant = mesh()
    aim = taught(meant, 0.0)
    aim.step()
    aim.learn(smiling(aim.at(meant), 2.4), meant)
    shown = [aim.at(meant)]
    for _ in range(40):
        aim.step()
        shown.append(aim.at(meant))

    steps = np.abs(np.diff(np.stack(shown), axis=0)).max(axis=(1, 2))
    assert 0 < steps.max() < 0.2
