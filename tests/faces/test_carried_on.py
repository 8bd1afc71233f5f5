"""Skin told from hair on the map, and carried on over what is not known."""

import cv2
import numpy as np
import pytest

from masquerade.faces.carried_on import bare_skin, carried_on, without_shade
from masquerade.faces.mesh import LEFT_BROW, RIGHT_BROW
from masquerade.faces.unrolled import SIDE, layout
from masquerade.types import RGB

SKIN = (200, 150, 120)
HAIR = (50, 35, 30)


def at(point: int) -> tuple[int, int]:
    x, y = layout().points[point, :2].round().astype(int)
    return int(y), int(x)


@pytest.fixture
def face() -> RGB:
    """A face on the map: skin, a shade from side to side, dark brows, a fringe on one half."""
    shade = np.linspace(0.85, 1.15, SIDE)[None, :, None]
    image = np.clip(np.full((SIDE, SIDE, 3), SKIN) * shade, 0, 255).astype(np.uint8)
    for ring in (RIGHT_BROW, LEFT_BROW):
        hull = cv2.convexHull(layout().points[list(ring), :2].round().astype(np.int32))
        cv2.fillConvexPoly(image, hull, HAIR)
    y, x = at(299)
    cv2.ellipse(image, (x, y), (24, 14), 0, 0, 360, HAIR, -1)
    return image


def test_a_fringe_is_no_skin_and_brows_are_the_faces_own(face: RGB) -> None:
    bare = bare_skin(face, down_to="chin")
    assert bare[at(299)] < 0.05
    assert bare[at(69)] > 0.95  # the other half of the forehead
    assert min(bare[at(point)] for point in (52, 282, 5, 50, 280, 175)) > 0.9


def test_light_and_shade_are_skin(face: RGB) -> None:
    dim = (face * 0.5).astype(np.uint8)
    bare = bare_skin(dim, down_to="chin")
    assert bare[at(205)] > 0.95
    assert bare[at(425)] > 0.95
    assert bare[at(299)] < 0.2


def test_below_the_nose_a_beard_may_be_the_faces_own(face: RGB) -> None:
    y, x = at(149)
    cv2.circle(face, (x, y), 12, HAIR, -1)
    inside = y - 6, x + 2
    assert bare_skin(face, down_to="nose")[inside] > bare_skin(face, down_to="chin")[inside] + 0.3


def test_what_is_known_stays_and_the_rest_continues_it() -> None:
    looks = np.full((64, 64, 1), 120, np.float32)
    looks[:, 40:] = 10
    known = np.ones((64, 64), np.float32)
    known[:, 38:] = 0
    made = carried_on(looks, known)
    np.testing.assert_allclose(made[:, :36], 120, atol=0.5)
    np.testing.assert_allclose(made, 120, atol=2)


def test_fine_relief_comes_from_the_other_half() -> None:
    rng = np.random.default_rng(3)
    rough = 120 + 8 * rng.standard_normal((256, 256, 1)).astype(np.float32)
    known = np.ones((256, 256), np.float32)
    known[:, 180:] = 0
    made = carried_on(rough, known)
    own, other = made[100:150, 190:240, 0], rough[100:150, 16:66, 0][:, ::-1]
    assert np.corrcoef(own.ravel(), other.ravel())[0, 1] > 0.8


def test_skin_that_a_fringe_shades_is_not_carried_on_to_the_temple() -> None:
    known = layout().face.copy()
    known[:, :12] = known[:, 52:] = 0
    usual = np.full((64, 64, 3), SKIN, np.float32)
    usual[:, :15] *= 0.6
    kept = without_shade(known, usual)
    row = 22
    assert kept[row, 12:15].max() < 0.2
    assert kept[row, 20:50].min() > 0.95
    np.testing.assert_allclose(kept[:, 40:50], known[:, 40:50], atol=0.05)
    filled = carried_on(usual, kept)
    assert filled[row, 4:14].mean() > 0.95 * np.mean(SKIN)
