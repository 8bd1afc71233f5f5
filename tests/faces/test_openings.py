"""Lids and the inside of the mouth are drawn where they belong, and nowhere else."""

import numpy as np

from masquerade.faces.mesh import INNER_LIPS, LEFT_EYE, RIGHT_EYE, topology
from masquerade.faces.openings import inside_mouth, lids

SIDE = 240
MESH = (topology().neutral * 50 + np.array([120, 100, 0])).astype(np.float32)


def test_closed_lids_cover_the_eyes_and_nothing_far() -> None:
    picture = np.full((SIDE, SIDE, 3), 180, np.uint8)
    colour, cover = lids(picture, MESH, 1.0)
    for ring in (RIGHT_EYE, LEFT_EYE):
        x, y = MESH[list(ring), :2].mean(axis=0).round().astype(int)
        assert cover[y, x] > 0.9
        assert 120 < colour[y, x].mean() <= 181
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    far = np.hypot(x - 120, y - 100) > 65
    assert cover[far].max() == 0


def test_lids_come_down_with_the_blink() -> None:
    picture = np.full((SIDE, SIDE, 3), 180, np.uint8)
    covered = [lids(picture, MESH, blink)[1].sum() for blink in (0.25, 0.5, 1.0)]
    assert covered[0] < covered[1] < covered[2]


def test_teeth_hang_from_the_upper_lip_into_darkness() -> None:
    ring = MESH[list(INNER_LIPS), :2].copy()
    ring[11:, 1] += 14
    inside, opening = inside_mouth(ring, 50.0, (SIDE, SIDE))
    middle, top = int(ring[5, 0]), int(ring[5, 1])
    assert opening[top + 6, middle] > 0.9
    assert opening[: top - 8].max() == 0
    assert inside[top + 2, middle].mean() > 2 * inside[top + 13, middle].mean()
