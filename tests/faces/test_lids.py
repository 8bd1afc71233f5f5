"""How far eyes are open is told through the whole track, by both eyes together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.faces.lids import open_shares, openings, settle_lids, usual_openings
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE, topology
from masquerade.types import Points


def mesh(right: float = 1.0, left: float = 1.0) -> Points:
    """A face whose eyes are open by these shares of the neutral opening."""
    points = topology().neutral * np.float32(50) + np.array([100, 90, 0], np.float32)
    for eye, share in ((RIGHT_EYE, right), (LEFT_EYE, left)):
        upper, lower = list(eye[1:8]), list(eye[:8:-1])
        points[upper] = points[lower] + share * (points[upper] - points[lower])
    return points.astype(np.float32)


def read(*shares: tuple[float, float]) -> NDArray[np.float64]:
    return 0.35 * np.array(shares)


def test_openings_tell_an_open_eye_from_a_shut_one() -> None:
    right, left = openings(mesh(right=0.1))
    assert right < 0.2 * left


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ((1.0, 1.0), (1.0, 1.0)),
        ((0.25, 0.25), (0.0, 0.0)),
        ((0.45, 0.2), (0.0, 0.0)),  # one eye of a blink read as half open
        ((0.96, 0.2), (1.0, 0.0)),  # a wink
    ],
)
def test_share_of_an_eye_takes_both_eyes_and_the_whole_track(
    frame: tuple[float, float], expected: tuple[float, float]
) -> None:
    shares = open_shares(read(*[(1.0, 1.0)] * 9, frame))
    np.testing.assert_allclose(shares[-1], expected, atol=0.05)


def test_lids_that_come_down_are_followed_step_by_step() -> None:
    falling = np.linspace(1, 0.3, 8)
    shares = open_shares(read(*[(1.0, 1.0)] * 40, *[(x, x) for x in falling]))[40:, 0]
    assert shares[0] == 1
    assert (np.diff(shares[1:]) < 0).all()
    assert shares[-1] == pytest.approx(0, abs=1e-6)


def test_narrow_eyes_are_open_eyes() -> None:
    assert open_shares(0.2 * np.ones((20, 2))).min() == 1


def test_eyes_shut_all_the_time_are_shut() -> None:
    assert open_shares(0.09 * np.ones((20, 2))).max() < 0.01
    assert usual_openings(0.09 * np.ones((20, 2))).min() > 0.25


def test_settled_lids_meet_in_a_blink_and_stay_where_the_eyes_are_open() -> None:
    track = np.stack([*[mesh()] * 9, mesh(0.4, 0.2)])
    settled = settle_lids(track)
    np.testing.assert_array_equal(settled[:9], track[:9])
    assert max(openings(settled[-1])) < 0.01
    others = [k for k in range(478) if k not in {*RIGHT_EYE, *LEFT_EYE}]
    np.testing.assert_array_equal(settled[-1, others], track[-1, others])
    corners = [RIGHT_EYE[0], RIGHT_EYE[8], LEFT_EYE[0], LEFT_EYE[8]]
    np.testing.assert_array_equal(settled[-1, corners], track[-1, corners])
