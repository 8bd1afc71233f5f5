from __future__ import annotations

import numpy as np

from masquerade.faces.lids import lid_outline, openings, shutness
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE, topology
from masquerade.types import Points


def mesh() -> Points:
    return (topology().neutral * np.float32(50) + np.array([100, 90, 0], np.float32)).astype(
        np.float32
    )


def test_openings_tell_an_open_eye_from_a_shut_one() -> None:
    points = mesh()
    usual = openings(points)
    upper, lower = list(RIGHT_EYE[1:8]), list(RIGHT_EYE[:8:-1])
    points[upper] += 0.9 * (points[lower] - points[upper])
    now = openings(points)
    assert shutness(now[0], usual[0]) > 0.9
    assert shutness(now[1], usual[1]) == 0


def test_outline_encloses_both_lids_of_its_eye() -> None:
    points = mesh()
    for eye in (RIGHT_EYE, LEFT_EYE):
        ring = lid_outline(points, eye)
        lids = points[list(eye), :2]
        assert (ring.min(axis=0) < lids.min(axis=0)).all()
        assert (ring.max(axis=0) > lids.max(axis=0)).all()
        assert np.ptp(ring[:, 0]) < 1.5 * np.ptp(lids[:, 0])
