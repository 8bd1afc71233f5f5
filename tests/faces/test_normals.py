from __future__ import annotations

import numpy as np

from masquerade.faces.mesh import topology
from masquerade.faces.normals import normal_map, point_normals

NEUTRAL = (topology().neutral * 100 + np.array([200, 200, 0])).astype(np.float32)


def test_normals_are_unit_vectors_that_look_out_of_the_face() -> None:
    made = point_normals(NEUTRAL)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert (made[:, 2] > 0).mean() > 0.9
    assert made[234, 0] < -0.3  # the cheek at the picture's left
    assert made[454, 0] > 0.3
    assert made[152, 1] > 0.3  # the chin


def test_the_map_turns_with_the_face() -> None:
    left, top = NEUTRAL[:, :2].min(axis=0).astype(int)
    right, bottom = NEUTRAL[:, :2].max(axis=0).astype(int)
    made = normal_map(NEUTRAL, (left, top, right, bottom))
    assert made.shape == (32, 32, 3)
    np.testing.assert_allclose(np.linalg.norm(made, axis=-1), 1, atol=1e-4)
    assert made[12:20, :6, 0].mean() < -0.2
    assert made[12:20, -6:, 0].mean() > 0.2
    assert made[12:20, 12:20, 2].mean() > 0.7


def test_a_box_beside_the_face_looks_at_the_camera() -> None:
    made = normal_map(NEUTRAL + np.array([9000, 0, 0], np.float32), (0, 0, 50, 50))
    assert np.isfinite(made).all()
