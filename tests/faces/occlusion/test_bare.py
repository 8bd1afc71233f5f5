from __future__ import annotations

import cv2
import numpy as np

from masquerade.faces.mesh import OVAL, topology
from masquerade.faces.occlusion.bare import bare_face
from masquerade.types import Points


def mesh() -> Points:
    return topology().neutral * np.float32(60) + np.array([120, 110, 0], np.float32)


def skin(points: Points) -> np.ndarray:
    image = np.full((260, 240, 3), (200, 150, 120), np.uint8)
    cv2.fillPoly(image, [points[list(OVAL), :2].astype(np.int32)], (205, 150, 125))
    return image


def test_plain_skin_is_bare_everywhere() -> None:
    assert bare_face(skin(mesh()), mesh()).min() > 0.95


def test_hair_on_the_forehead_is_not_the_face() -> None:
    points, image = mesh(), skin(mesh())
    brow = int(points[[63, 293], 1].min()) - 12
    image[:brow] = (60, 40, 30)
    bare = bare_face(image, points)
    top = points[151, :2].astype(int)
    nose = points[4, :2].astype(int)
    assert bare[top[1], top[0]] < 0.2
    assert bare[nose[1], nose[0]] > 0.95


def test_background_within_the_outline_is_not_the_face() -> None:
    points, image = mesh(), skin(mesh())
    edge = int(points[454, 0]) - 6
    image[:, edge:] = (30, 90, 200)
    bare = bare_face(image, points)
    assert bare[int(points[454, 1]), edge + 3] < 0.4
