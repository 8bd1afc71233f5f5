"""Areas in which people overrule what was found of occluders."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction, corrected
from masquerade.types import Face

FACE = Face((20.0, 10.0, 60.0, 50.0), 1.0, np.zeros((478, 3), np.float32), (0.0, 0.0, 0.0))


def at(visible: np.ndarray, *corrections: Correction, time_s: Fraction = Fraction(1)) -> np.ndarray:
    return corrected(
        visible, corrections, FACE, origin_xy=(10, 10), size_wh=(80, 60), time_s=time_s
    )


@pytest.mark.parametrize(
    ("xyxy", "unit"),
    [((0.5, 0.5, 0.75, 1.0), "frame"), ((40, 30, 60, 60), "px"), ((0.5, 0.5, 1, 1.25), "face")],
)
def test_a_box_may_be_given_in_shares_of_the_picture_in_pixels_or_in_shares_of_the_face(
    xyxy: tuple[float, float, float, float], unit: str
) -> None:
    front = Correction.box(xyxy, keep="front", unit=unit)  # type: ignore[arg-type]
    out = at(np.ones((50, 60), np.float32), front)
    assert (out[23:, 33:47] < 0.01).all()
    assert (out[:17] > 0.99).all()
    assert (out[:, :27] > 0.99).all()


def test_face_shows_what_was_held_back_and_the_later_correction_wins() -> None:
    face = Correction.box((0, 0, 1, 1), keep="face")
    front = Correction(((20, 20), (40, 20), (40, 40)), "front", "px")
    out = at(np.zeros((50, 60), np.float32), face, front)
    assert out[40, 50] == 1
    assert out[16, 26] < 0.01
    assert out.dtype == np.float32


def test_an_edge_is_softer_on_a_larger_face() -> None:
    front = Correction.box((30, 10, 200, 200), keep="front", unit="px")
    rising = []
    for size in (40.0, 160.0):
        face = replace(FACE, box=(0.0, 0.0, size, size))
        visible = np.ones((60, 60), np.float32)
        out = corrected(
            visible, (front,), face, origin_xy=(0, 0), size_wh=(300, 300), time_s=Fraction(1)
        )
        rising.append(int(((out[40] > 0.02) & (out[40] < 0.98)).sum()))
    assert 2 <= rising[0] < rising[1]


@pytest.mark.parametrize(("time_s", "held"), [(0, False), (2, True), (3, True), (4, False)])
def test_it_holds_from_its_beginning_up_to_its_end(time_s: int, held: bool) -> None:
    one = Correction.box((0, 0, 1, 1), keep="front", from_s=Fraction(3, 2), until_s=Fraction(4))
    out = at(np.ones((50, 60), np.float32), one, time_s=Fraction(time_s))
    assert (out[5:-5, 5:-5] < 0.01).all() == held


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Correction(((0, 0), (1, 1)), "front"), "2 corners"),
        (lambda: Correction.box((0.5, 0, 0.5, 1), keep="face"), "is empty"),
        (
            lambda: Correction.box(
                (0, 0, 1, 1), keep="face", from_s=Fraction(2), until_s=Fraction(1)
            ),
            "ends at 1 s",
        ),
    ],
)
def test_what_makes_no_sense_is_said(make: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make()  # type: ignore[operator]
