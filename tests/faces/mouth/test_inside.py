"""The inside of a mouth that a photo does not show: in its light, dark where lips hardly part."""

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, interocular_px, topology
from masquerade.faces.mouth import inside
from masquerade.faces.mouth.inside import draw_inside, mouth_inside

MARKS = (topology().neutral * (100, 100, 100) + (160, 60, 0)).astype(np.float32)
RING = MARKS[list(INNER_LIPS), :2]
BOX = (90, 120, 230, 230)


def photo(*, shaded: bool = False) -> np.ndarray:
    """Skin all over, lips closed; the person's left in shadow."""
    light = np.linspace(1, 0.25, 320) if shaded else np.ones(320)
    skin = np.array((210, 160, 140)) * light[None, :, None]
    made = np.repeat(skin, 320, axis=0)
    return np.asarray(cv2.GaussianBlur(made.astype(np.uint8), (0, 0), 1), np.uint8)


def opened(by: float) -> np.ndarray:
    """The ring of the inner lips with the lower one lowered, in shares of the eyes' distance."""
    ring = RING.copy()
    middle = ring[[0, 10], 0].mean()
    half = abs(ring[10, 0] - ring[0, 0]) / 2
    ring[11:, 1] += by * interocular_px(MARKS) * (1 - ((ring[11:, 0] - middle) / half) ** 2)
    return ring


def brightest(picture: np.ndarray, ring: np.ndarray, places: slice) -> float:
    colour, seen = draw_inside(mouth_inside(picture, MARKS), ring, BOX)
    return float(np.where(seen > 0.6, colour.mean(axis=2), 0)[:, places].max())


def test_teeth_between_lips_that_hardly_part_are_darker_than_in_an_open_mouth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def teeth() -> tuple[float, float]:
        return tuple(brightest(photo(), opened(by), slice(None)) for by in (0.03, 0.15))

    narrow, wide = teeth()
    monkeypatch.setattr(inside, "_SHADED", 0.0)
    unshaded, as_wide = teeth()

    assert narrow < 0.9 * unshaded
    assert wide == pytest.approx(as_wide, rel=0.02)


def test_the_darker_teeth_are_the_redder_as_light_comes_to_them_by_lips() -> None:
    bright, dim = inside._teeth(np.array([[1.0, 0.5]], np.float32))[0]

    assert bright[0] / bright[1] == pytest.approx(1.075, abs=0.01)  # 1.06 in 45 photos
    assert dim[0] / dim[1] == pytest.approx(1.31, abs=0.03)  # 1.31 in 34 photos
    assert dim.mean() == pytest.approx(bright.mean() / 2, rel=0.03)


def test_teeth_lie_in_the_shadow_of_their_side_of_the_face() -> None:
    right, left = slice(0, 45), slice(95, 140)

    assert brightest(photo(), opened(0.12), left) == pytest.approx(
        brightest(photo(), opened(0.12), right), rel=0.1
    )
    shaded = photo(shaded=True)
    assert brightest(shaded, opened(0.12), left) < 0.9 * brightest(shaded, opened(0.12), right)


def shown(tone: tuple[int, int, int]) -> tuple[float, float]:
    """How bright it is where an open photo shows a tone and, beneath that, as lips part further."""
    marks, ring = MARKS.copy(), opened(0.09)
    marks[list(INNER_LIPS), :2] = ring
    picture = photo()
    cv2.fillPoly(picture, [np.rint(ring).astype(np.int32)], tone)
    of = mouth_inside(picture, marks)
    colour, _ = draw_inside(of, opened(0.2), BOX)
    x, y = np.rint(ring[[5, 15]].mean(axis=0)).astype(int) - BOX[:2]
    low = round(float(ring[15, 1])) - BOX[1] + 3
    return float(colour[y, x].mean()), float(colour[low : low + 4, x].mean())


def test_teeth_of_a_photo_stay_and_no_second_row_is_drawn_beneath_them() -> None:
    teeth, beneath = shown((230, 220, 205))

    assert teeth == pytest.approx(218, abs=5)
    assert beneath < 0.4 * teeth


def test_lips_that_show_no_teeth_show_drawn_ones_as_they_part_further() -> None:
    drawn, _ = shown((150, 60, 60))
    assert drawn > 130  # and not 90, as in the photo
