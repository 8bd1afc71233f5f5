"""The inside of the mouth is drawn where it belongs, and nowhere else."""

import numpy as np

from masquerade.faces.mesh import INNER_LIPS, topology
from masquerade.faces.mouth.closed import inside_mouth

SIDE = 240
MESH = (topology().neutral * 50 + np.array([120, 100, 0])).astype(np.float32)


def test_teeth_hang_from_the_upper_lip_into_darkness() -> None:
    ring = MESH[list(INNER_LIPS), :2].copy()
    ring[11:, 1] += 14
    inside, opening = inside_mouth(ring, 50.0, (SIDE, SIDE))
    middle, top = int(ring[5, 0]), int(ring[5, 1])
    assert opening[top + 6, middle] > 0.9
    assert opening[: top - 8].max() == 0
    assert inside[top + 2, middle].mean() > 2 * inside[top + 13, middle].mean()
