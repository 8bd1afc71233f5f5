"""Values that cross module borders: exact time, frozen, windows that know their middle."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest

from masquerade.types import Audio, DraftSound, Face, Frame, SoundPiece, Window

PIXELS = np.zeros((4, 6, 3), np.uint8)


def face(track_id: int) -> Face:
    marks = np.zeros((478, 3), np.float32)
    return Face((1.0, 2.0, 11.0, 32.0), 1.0, marks, (0.0, 0.0, 0.0), track_id)


def test_time_is_an_exact_fraction() -> None:
    frame = Frame(PIXELS, pts=30_030, time_base=Fraction(1, 30_000))
    assert frame.time_s == Fraction(1001, 1000)
    assert frame.size_wh == (6, 4)


def test_size_of_a_face_is_its_longer_side() -> None:
    assert face(0).size_px == 30


@pytest.mark.parametrize("centre", [0, 1, 2])
def test_a_window_gives_the_frame_and_the_faces_of_its_middle(centre: int) -> None:
    frames = tuple(Frame(PIXELS, pts) for pts in range(3))
    faces = tuple((face(number),) for number in range(3))
    window = Window(frames, faces, centre)
    assert window.frame.pts == centre
    assert [one.track_id for one in window.faces] == [centre]


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Frame(PIXELS).pts = 3  # type: ignore[misc]


def test_a_draft_of_sound_keeps_everything_unless_it_is_judged() -> None:
    piece = SoundPiece(0, "", iter([Audio(np.zeros((1, 8), np.float32), 8000)]))
    sound = DraftSound(8000, 1, iter([piece]))

    sound.judge({0: piece.tally()})
    assert sound.start_s == 0
    assert sound.count is None
