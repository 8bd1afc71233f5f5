"""Folds of a smile, on a drawn face with a dark line from the nose to the corner of the mouth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import OVAL, topology
from masquerade.faces.smile_folds import ONE, flatten, folds, share_gone, smile_of
from masquerade.types import RGB, Points

FOLD = (203, 206, 216)
SKIN = (205, 150, 125)


def mesh() -> Points:
    return topology().neutral * np.float32(80) + np.array([150, 140, 0], np.float32)


def smiling(line: tuple[int, int, int] = (160, 105, 85)) -> RGB:
    image = np.full((320, 300, 3), 60, np.uint8)
    cv2.fillPoly(image, [mesh()[list(OVAL), :2].astype(np.int32)], SKIN)
    cv2.polylines(image, [mesh()[list(FOLD), :2].astype(np.int32)], False, line, 4)
    return image


def bare() -> np.ndarray:
    return np.ones((320, 300), np.float32)


def test_a_fold_goes_and_the_rest_of_the_face_stays() -> None:
    image = smiling()
    factor = folds(image, mesh(), bare())
    made = image.copy()
    flatten(made, factor, 1.0)
    x, y = mesh()[206, :2].astype(int)
    assert image[y, x, 1] == 105
    assert made[y, x, 1] > 125
    for point in (4, 8, 151, 13, 152, 50):  # nose, brows, forehead, lips, chin, cheek
        x, y = mesh()[point, :2].astype(int)
        assert made[y, x] == pytest.approx(image[y, x], abs=4), point


def test_nothing_is_taken_where_a_mouth_smiles_as_much() -> None:
    image = smiling()
    factor = folds(image, mesh(), bare())
    made = image.copy()
    flatten(made, factor, share_gone(smile_of(mesh()), smile_of(mesh())))
    assert (made == image).all()


def test_hair_beside_the_mouth_is_no_fold() -> None:
    factor = folds(smiling((12, 10, 10)), mesh(), bare())
    x, y = mesh()[206, :2].astype(int)
    assert factor[y, x] == pytest.approx(ONE, abs=12)


@pytest.mark.parametrize(("less", "share"), [(-0.1, 0.0), (0.02, 0.0), (0.3, 0.7)])
def test_the_share_grows_as_a_mouth_smiles_less(less: float, share: float) -> None:
    assert share_gone(1.0, 1.0 - less) == pytest.approx(share, abs=0.01)
