from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, LIPS, OVAL, RIGHT_IRIS, topology
from masquerade.faces.pose import rotation
from masquerade.faces.warp import dense_map, paint, sheet, widen
from masquerade.types import Points


def mesh(yaw: float = 0.0) -> Points:
    turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
    return (turned * np.float32(50) + np.array([100, 90, 0], np.float32)).astype(np.float32)


@pytest.mark.parametrize("step", [1.0, 2.0])
def test_map_onto_the_same_mesh_is_the_identity(step: float) -> None:
    points = widen(mesh())
    carried = points[:, :2].copy()
    box = (10, 5, 190, 185)
    drawn = dense_map(points, carried, box, step=step)
    inside = dense_map(points, sheet().inward[:, None].copy(), box, step=step)[..., 0] > 0.1
    x, y = np.meshgrid(np.arange(10, 190), np.arange(5, 185))
    assert np.abs(drawn[..., 0] - x)[inside].max() < 0.3
    assert np.abs(drawn[..., 1] - y)[inside].max() < 0.3


def test_no_gaps_inside_the_outline() -> None:
    points = widen(mesh())
    ones = np.ones((len(points), 1), np.float32)
    drawn = paint(points[:, :2].copy(), points[:, 2], ones, (220, 220))[..., 0]
    inside = paint(points[:, :2].copy(), points[:, 2], sheet().inward[:, None], (220, 220))
    assert (drawn[inside[..., 0] > 0] > 0.999).all()
    assert drawn[0, 0] == 0


def test_what_is_nearer_hides_what_is_behind() -> None:
    points = widen(mesh(yaw=50))
    depth = points[:, 2:3].copy()
    drawn = paint(points[:, :2].copy(), points[:, 2], depth, (220, 220))[..., 0]
    x, y = points[4, :2].round().astype(int)  # the tip of the nose stands before the far cheek
    assert drawn[y, x] == pytest.approx(float(points[4, 2]), abs=6)


def test_a_mesh_outside_the_picture_paints_nothing() -> None:
    points = widen(mesh()) + np.array([5000, 0, 0], np.float32)
    ones = np.ones((len(points), 1), np.float32)
    assert paint(points[:, :2].copy(), points[:, 2], ones, (50, 50)).max() == 0


def test_a_flattened_mesh_does_not_break() -> None:
    points = widen(mesh())
    points[:, 1] = 40
    ones = np.ones((len(points), 1), np.float32)
    assert np.isfinite(paint(points[:, :2].copy(), points[:, 2], ones, (80, 200))).all()


def test_rings_lie_outside_the_outline_and_carry_no_skin() -> None:
    shape = sheet()
    assert (shape.inward[478:] < 0).all()
    assert (shape.inward[list(OVAL)] < 0.02).all()
    assert (shape.skin[478:] == 0).all()
    assert 0 < shape.skin[:468].mean() < 1


def test_a_face_fades_more_widely_into_its_forehead() -> None:
    shape = sheet()
    assert shape.edge[151] < 0.75 * shape.inward[151]  # the forehead's middle
    below = topology().neutral[:468, 1] > 0  # from the eyes down
    assert (shape.edge[:468][below] == shape.inward[:468][below]).all()


def test_an_iris_beyond_the_lids_is_drawn_between_them() -> None:
    points = mesh()
    points[RIGHT_IRIS[0], 1] -= 40
    ring = points[[159, 145], 1]
    iris = widen(points)[RIGHT_IRIS[0], 1]
    assert ring.min() - 1 < iris < ring.max() + 1


def test_lips_are_no_plain_skin() -> None:
    neutral = topology().neutral[:468, :2]
    rims = (np.ascontiguousarray(neutral[list(one)]) for one in (LIPS, INNER_LIPS))
    outer, inner = (
        np.array([cv2.pointPolygonTest(rim, (float(x), float(y)), False) for x, y in neutral])
        for rim in rims
    )
    lips = (outer >= 0) & (inner <= 0)
    assert lips.sum() > 60  # the two rims have 40
    assert (sheet().skin[:468][lips] == 0).all()
