"""Heads are covered so that next to nothing is left, and nothing is faded half way back."""

import numpy as np
import pytest

from masquerade.compose.blend import ComposeOptions, compose
from masquerade.faces.assumed import assumed_face, between
from masquerade.faces.landmarks import Place, place_of
from masquerade.generate.anonymize import Options, covered, prepare, unfit
from masquerade.types import Face, Frame, Miss, Patch, Window


def place(x: float = 160, y: float = 120, size: float = 80, angle: float = 0.0) -> Place:
    return Place(np.float32([x, y]), size, angle)


def seen(face: Face, *, turn: float = 0.0) -> Face:
    return Face(face.box, 1.0, face.landmarks, (turn, 0.0, 0.0), face.track_id, person="0")


def frame(rng: np.random.Generator) -> Frame:
    return Frame(rng.integers(0, 256, (240, 320, 3), dtype=np.uint8))


@pytest.mark.parametrize("angle", [0.0, 0.6, -1.4])
def test_an_assumed_face_lies_where_it_was_assumed(angle: float) -> None:
    found = place_of(assumed_face(place(angle=angle), 3).landmarks)
    assert np.allclose(found.centre, [160, 120], atol=0.01)
    assert found.size_px == pytest.approx(80, abs=0.01)
    assert found.angle == pytest.approx(angle, abs=1e-4)


def test_between_two_places_a_head_turns_the_shorter_way() -> None:
    middle = between(place(angle=3.0), place(x=180, size=100, angle=-3.0), 0.5)
    assert np.allclose(middle.centre, [170, 120])
    assert middle.size_px == 90
    assert np.cos(middle.angle) == pytest.approx(-1)


@pytest.mark.parametrize(
    ("size", "turn", "unseen", "why"),
    [
        (80, 0, False, ""),
        (80, 54, False, ""),
        (80, 60, False, "turned too far"),
        (30, 0, False, "too small"),
        (80, 0, True, "not seen"),
    ],
)
def test_who_cannot_be_drawn_over_is_said(size: float, turn: float, unseen: bool, why: str) -> None:
    face = seen(assumed_face(place(size=size), 1), turn=turn)
    if unseen:
        face = assumed_face(place(size=size), 1)
    assert unfit(face, Options()).startswith(why)
    assert bool(unfit(face, Options())) is bool(why)


def test_a_covered_head_keeps_a_handful_of_tones(rng: np.random.Generator) -> None:
    picture = frame(rng)
    face = assumed_face(place(), 1)
    patch = covered(picture, face, Options())
    assert isinstance(patch, Patch)
    inside = patch.pixels[patch.mask > 0.99]
    assert len(np.unique(inside, axis=0)) <= 60
    out = compose(picture, [patch], ComposeOptions()).pixels
    x0, y0, x1, y1 = (int(edge) for edge in face.box)
    hidden = out[y0:y1, x0:x1].astype(float)
    assert np.abs(np.diff(hidden, axis=1)).mean() < 4  # of noise with some 85


def test_a_cover_reaches_over_hair_and_chin(rng: np.random.Generator) -> None:
    patch = covered(frame(rng), assumed_face(place(), 1), Options())
    assert isinstance(patch, Patch)
    x0, y0, _, _ = patch.box
    for x, y in ((160, 120 - 80), (160, 120 + 55), (160 - 60, 120), (160 + 60, 120)):
        assert patch.mask[y - y0, x - x0] > 0.99


@pytest.mark.parametrize("size", [30.0, 80.0])
def test_nobody_is_left_as_they_are(rng: np.random.Generator, size: float) -> None:
    picture = frame(rng)
    face = seen(assumed_face(place(size=size), 1))
    ((made,),) = prepare({}, Options())(iter([Window((picture,), ((face,),))]))
    assert isinstance(made, Patch)
    assert made.track_id == 1


def test_a_head_outside_the_picture_is_a_miss(rng: np.random.Generator) -> None:
    made = covered(frame(rng), assumed_face(place(x=-400), 1), Options())
    assert isinstance(made, Miss)
