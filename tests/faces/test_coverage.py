"""What pictures show, and what is said to lack."""

from dataclasses import replace

import numpy as np
import pytest

from masquerade.faces.coverage import Measures, judge, measure, outliers
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology

PLAIN = Measures(0, 0, 200, 12, 0.02, 0.3, 0.0, (0.0, 0.0), 128)
FULL = [
    PLAIN,
    *(replace(PLAIN, yaw_deg=yaw, light=(yaw / 200, 0.0)) for yaw in (-30, 30)),
    *(replace(PLAIN, pitch_deg=pitch) for pitch in (-15, 15)),
    replace(PLAIN, mouth=0.3),
    replace(PLAIN, eyes=0.05),
    replace(PLAIN, smile=0.2),
] * 3


def test_nothing_lacks_where_everything_is_shown() -> None:
    assert judge(FULL).missing == ()


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        (lambda one: one.yaw_deg > 0, "right of the picture"),
        (lambda one: one.yaw_deg < 0, "left of the picture"),
        (lambda one: one.pitch_deg > 0, "turned down:"),
        (lambda one: one.pitch_deg < 0, "turned up:"),
        (lambda one: one.mouth > 0.1, "well open"),
        (lambda one: one.eyes < 0.1, "shut eyes"),
        (lambda one: one.smile > 0, "corners of the mouth"),
        (lambda one: one.light != (0.0, 0.0), "light is always the same"),
    ],
)
def test_what_was_taken_away_is_named(drop, words) -> None:
    found = judge([one for one in FULL if not drop(one)]).missing
    assert any(words in sentence for sentence in found)


def test_few_small_and_blurred_pictures_are_named() -> None:
    said = " ".join(judge([replace(PLAIN, face_px=60, sharpness=2)] * 3).missing)
    for words in ("3 pictures", "small (60 px", "3 of 3 pictures are blurred"):
        assert words in said


def test_heat_counts_every_picture_once_at_its_view() -> None:
    found = judge([replace(PLAIN, yaw_deg=30), PLAIN, PLAIN])
    assert found.heat.sum() == 3
    assert found.heat[3, 4] == 2
    assert found.heat[3, 6] == 1


def test_another_person_among_many_is_found() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 128)).astype(np.float32) / 10
    near = [one + rng.normal(size=128).astype(np.float32) / 100 for _ in range(6)]
    ((index, apart),) = outliers([*near[:3], other, *near[3:]])
    assert index == 3
    assert apart > 0.5
    assert outliers([one]) == []


def test_a_lit_side_and_an_open_mouth_are_measured() -> None:
    marks = (topology().neutral * 60 + np.float32(120)).astype(np.float32)
    image = np.full((240, 240, 3), 60, np.uint8)
    image[:, 120:] = 180
    shut = measure(image, face_of(marks, 1.0))
    assert shut.light[0] > 0.5
    lower = [178, 87, 14, 317, 402]
    marks[lower, 1] += 15
    assert measure(image, face_of(marks, 1.0)).mouth > shut.mouth + 0.2


def test_a_picture_that_is_not_rgb_is_refused() -> None:
    marks = (topology().neutral * 60 + np.float32(120)).astype(np.float32)
    with pytest.raises(ValueError, match="float64"):
        measure(np.zeros((9, 9, 3)), face_of(marks, 1.0))
