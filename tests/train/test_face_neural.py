import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_material import Picture
from train.face_neural import Redrawer

from masquerade.faces.mesh import topology

SIDE = 200


def test_a_face_is_drawn_again_where_it_lies(rng: np.random.Generator) -> None:
    wall = cv2.GaussianBlur(rng.uniform(0, 255, (SIDE, SIDE, 3)), (0, 0), 3)
    pixels = np.clip(128 + 3 * (wall - 128), 1, 255).astype(np.uint8)
    points = topology().neutral * np.float32(100 / np.ptp(topology().neutral[:468, 1]))
    points[:, :2] += SIDE / 2 - points[:468, :2].mean(axis=0)
    picture = Picture("nobody", False, pixels, points.astype(np.float32), 100.0)
    redrawer = Redrawer.open()
    drawn, there = redrawer.drawn(picture, np.random.default_rng(1))
    assert drawn.shape == pixels.shape
    assert drawn.dtype == np.uint8
    assert there[0].max() == there[:, 0].max() == 0
    assert there[SIDE // 2, SIDE // 2] == 1
    inside = there > 0.9
    assert np.abs(drawn.astype(int) - pixels)[inside].mean() > 3
    again, _ = redrawer.drawn(picture, np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, again)
