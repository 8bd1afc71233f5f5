"""Faces are looked at as they are tracked; what is in front of them is kept out of patches."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from masquerade.effects.hands_before import Before
from masquerade.faces.mesh import topology
from masquerade.faces.occlusion.corrections import Correction
from masquerade.pipelines.in_front import Glances, Known, kept_behind
from masquerade.types import Face, Frame, Patch, Track, Window

MARKS = (topology().neutral * 30 + np.array([100, 90, 0], np.float32)).astype(np.float32)
FACE = Face((50.0, 40.0, 150.0, 150.0), 1.0, MARKS, (0.0, 0.0, 0.0), track_id=7)
BOX = (40, 30, 160, 160)


def frame(number: int, rng: np.random.Generator, *, covered: bool = False) -> Frame:
    pixels = np.clip(rng.normal((200, 150, 125), 2, (200, 200, 3)), 0, 255).astype(np.uint8)
    if covered:
        pixels[95:125, 80:130] = (30, 60, 190)
    return Frame(pixels, number, Fraction(1, 25))


@pytest.fixture
def known(rng: np.random.Generator) -> Known:
    """Learned from 40 frames, with something in front in frames 20 to 28."""
    glances = Glances()
    for number in range(40):
        other = replace(FACE, landmarks=MARKS + np.array([300, 0, 0], np.float32))
        glances.see(frame(number, rng, covered=20 <= number < 29), [other, FACE])
    track = Track(7, dict.fromkeys(range(40), FACE))
    return glances.known([track])[7]


def patch() -> Patch:
    shape = (BOX[3] - BOX[1], BOX[2] - BOX[0])
    return Patch(np.zeros((*shape, 3), np.uint8), np.ones(shape, np.float32), BOX, 7, 90.0)


def test_every_third_frame_is_looked_at_and_signs_are_kept(known: Known) -> None:
    assert known.times == tuple(range(0, 40, 3))
    assert [t for t, quiet in zip(known.times, known.quiet, strict=True) if not quiet] == [
        21,
        24,
        27,
    ]


@pytest.mark.parametrize(("number", "asked"), [(3, False), (10, False), (20, True), (29, True)])
def test_a_frame_is_asked_only_where_a_look_beside_it_showed_a_sign(
    known: Known, rng, number: int, asked: bool
) -> None:
    seen = known.visible(frame(number, rng, covered=True), FACE, BOX)
    assert (seen is not None) == asked


def test_a_patch_is_told_what_lies_in_front(known: Known, rng) -> None:
    window = Window((frame(24, rng, covered=True),), ((FACE,),))
    made = kept_behind(patch(), window, {7: known}, ())
    assert made.visible is not None
    assert made.visible[70:90, 45:85].mean() < 0.1
    assert made.visible[:50].mean() > 0.98
    bare = Window((frame(4, rng),), ((FACE,),))
    assert kept_behind(patch(), bare, {7: known}, ()).visible is None


def test_a_patch_of_the_faces_own_light_is_told_where_that_is_asked_for(known: Known, rng) -> None:
    window = Window((frame(24, rng, covered=True),), ((FACE,),))
    own = replace(patch(), face_px=0.0)
    assert kept_behind(own, window, {7: known}, ()).visible is None
    made = kept_behind(own, window, {7: known}, (), always=True)
    assert made.visible is not None
    assert made.visible[70:90, 45:85].mean() < 0.1


def test_what_people_say_counts_over_what_was_found(known: Known, rng) -> None:
    window = Window((frame(24, rng, covered=True),), ((FACE,),))
    face = Correction.box((0, 0, 1, 1), keep="face")
    front = Correction.box((40, 30, 60, 60), keep="front", unit="px")
    made = kept_behind(patch(), window, {7: known}, (face, front))
    assert made.visible is not None
    assert (made.visible[:25, :15] < 0.01).all()
    assert (made.visible[40:, 40:] > 0.99).all()


def test_a_patch_without_its_face_and_a_face_seen_briefly_are_left_alone(rng) -> None:
    window = Window((frame(0, rng),), ((FACE,),))
    whole = replace(patch(), track_id=-1)
    assert kept_behind(whole, window, {}, ()) is whole
    one = patch()
    assert kept_behind(one, window, {}, ()) is one
    glances = Glances()
    for number in range(6):
        glances.see(frame(number, rng), [FACE])
    assert glances.known([Track(7, dict.fromkeys(range(6), FACE))]) == {}


def test_a_hand_that_was_found_stays_in_front_of_a_new_face_alone(rng) -> None:
    window = Window((frame(0, rng),), ((FACE,),))
    mask = np.zeros((200, 200), np.float32)
    mask[100:120, 80:200] = 1  # of which the hand itself lies beside the face
    hands = Before(mask, ((170, 95, 200, 125),))

    made = kept_behind(patch(), window, {}, (), hands=hands)

    assert made.visible is not None
    assert made.visible[75, 60] == 0
    assert made.visible[20, 60] == 1
    assert made.held == hands.boxes
    own = replace(patch(), face_px=0.0)
    assert kept_behind(own, window, {}, (), hands=hands) is own
