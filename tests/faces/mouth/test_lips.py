"""How lips are measured on a mesh."""

import numpy as np
import pytest

from masquerade.faces.mesh import topology
from masquerade.faces.mouth import lips


@pytest.fixture
def face() -> np.ndarray:
    return topology().neutral * np.float32(60)


def test_open_lips_are_as_far_apart_as_they_were_moved(face: np.ndarray) -> None:
    shut = face.copy()
    shut[14] = shut[13]
    opened = shut.copy()
    opened[14, 1] += 12
    assert lips.apart(shut) == 0
    assert lips.apart(opened) == pytest.approx(12)


def test_the_opening_does_not_depend_on_the_size_of_the_picture(face: np.ndarray) -> None:
    opened = face.copy()
    opened[14, 1] = opened[13, 1] + 12
    assert lips.opening(opened) == pytest.approx(lips.opening(3 * opened), rel=1e-5)


def test_depth_does_not_count_in_the_opening(face: np.ndarray) -> None:
    pushed = face.copy()
    pushed[14, 2] += 30
    assert lips.opening(pushed) == pytest.approx(lips.opening(face))
    assert lips.apart(pushed) > lips.apart(face)


def test_wide_lips_with_raised_corners_smile(face: np.ndarray) -> None:
    smiling = face.copy()
    smiling[61] += (-6, -4, 0)
    smiling[291] += (6, -4, 0)
    assert lips.width(smiling) == pytest.approx(lips.width(face) + 12, rel=1e-3)
    assert lips.raised(smiling) == pytest.approx(lips.raised(face) + 4, rel=1e-3)
    assert lips.smile(smiling) > lips.smile(face) + 15
