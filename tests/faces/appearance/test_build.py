"""Models of a person's looks, from pictures made here."""

import cv2
import numpy as np
import pytest

from masquerade.errors import FaceError
from masquerade.faces.appearance.build import build
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import INNER_LIPS, OVAL, topology
from masquerade.faces.unrolled import layout
from masquerade.types import InputUse, Points, SourcePicture

LOWER = list(INNER_LIPS[11:])
SKIN = np.array([190, 130, 100])


def marks(opened: float) -> Points:
    points = topology().neutral.copy()
    points[LOWER, 1] += np.float32(opened)
    return (points * 50 + 110).astype(np.float32)


def picture(opened: float, *, light: float = 1.0, hand: bool = False) -> SourcePicture:
    """A face whose teeth show, and whose cheek reddens, as the mouth opens."""
    mesh = marks(opened)
    image = np.full((230, 220, 3), 30, np.float64)
    cv2.fillPoly(image, [mesh[list(OVAL), :2].astype(np.int32)], SKIN.tolist())
    cheek = tuple(int(v) for v in mesh[50, :2])
    cv2.circle(image, cheek, 10, (190, 130 - 200 * opened, 100), -1)
    cv2.fillPoly(image, [mesh[list(INNER_LIPS), :2].astype(np.int32)], (240, 240, 240))
    if hand:
        cv2.circle(image, tuple(int(v) for v in mesh[280, :2]), 16, (20, 200, 20), -1)
    shade = np.linspace(light, 2 - light, image.shape[1])[None, :, None]
    pixels = np.clip(image * shade, 0, 255).astype(np.uint8)
    use = InputUse("source", "made.png", "0" * 64)
    return SourcePicture(pixels, face_of(mesh, 1.0), np.zeros(128, np.float32), use)


@pytest.fixture(scope="module")
def model() -> Appearance:
    opened = np.linspace(0, 0.3, 24)
    lights = [0.8, 1.0, 1.2] * 8
    return build(
        [
            picture(o, light=v, hand=k in (3, 11))
            for k, (o, v) in enumerate(zip(opened, lights, strict=True))
        ]
    )


def at(pixels: np.ndarray, point: int) -> np.ndarray:
    x, y = layout().points[point, :2].round().astype(int)
    return pixels[y - 2 : y + 3, x - 2 : x + 3].mean(axis=(0, 1))


def test_looks_follow_the_expression(model: Appearance) -> None:
    said = sorted((one.said for one in model.examples), key=model.expression.opening().dot)
    shut, wide = (
        at(model.mean + model.change(model.weights(s, (0, 0, 0))), 50) for s in (said[0], said[-1])
    )
    assert shut[1] - wide[1] > 25
    assert abs(shut[2] - wide[2]) < 8


def test_light_is_divided_out(model: Appearance) -> None:
    sides = np.array([at(one.pixels, 425) - at(one.pixels, 205) for one in model.examples])
    assert np.abs(sides[:, [0, 2]]).mean() < 8  # in the pictures: up to 60


def test_a_hand_before_the_face_does_not_get_into_the_model(model: Appearance) -> None:
    cheeks = np.array([at(one.pixels, 280) for one in model.examples])
    assert np.abs(cheeks - np.median(cheeks, axis=0)).max() < 30
    assert np.abs(at(model.mean, 280) - at(model.mean, 425)).max() < 8


def test_the_nearest_picture_has_the_same_mouth(model: Appearance) -> None:
    for one in model.examples[:4]:
        nearest = model.examples[int(model.nearest(one.said).argmin())]
        assert nearest is one


def test_few_numbers_explain_the_pictures(model: Appearance) -> None:
    assert model.count == 24
    assert model.explained > 0.9
    assert len(model.parts) <= 40


def test_one_picture_makes_a_model_that_stays_as_it_is() -> None:
    made = build([picture(0.1)])
    assert np.abs(made.change(made.weights(made.examples[0].said, (5, 5, 0)))).max() < 1
    assert np.abs(at(made.mean, 425) - SKIN).max() < 12


def test_no_picture_is_refused() -> None:
    with pytest.raises(FaceError, match="no picture"):
        build([])
