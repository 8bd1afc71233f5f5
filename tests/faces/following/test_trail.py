"""A trail knows when its end is somebody else's, and what was seen where its face was lost."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.faces.following.glimpse import glimpse
from masquerade.faces.following.trail import Trail
from masquerade.faces.landmarks import face_of, place_of
from masquerade.faces.mesh import topology
from masquerade.types import Face, Frame


def _face(shift: float = 0.0) -> Face:
    marks = topology().neutral * np.float32(40) + np.array([120 + shift, 110, 0], np.float32)
    return face_of(marks.astype(np.float32), 1.0)


@pytest.fixture
def looks(rng):
    """Two pictures of different things."""
    coarse = rng.integers(0, 255, (2, 12, 12, 3)).astype(np.uint8)
    return [np.kron(one, np.ones((20, 20, 1), np.uint8)) for one in coarse]


def _add(trail: Trail, pixels, pts: int) -> Frame:
    frame, face = Frame(pixels, pts, Fraction(1, 25)), _face()
    trail.add(frame, face, glimpse(pixels, place_of(face.landmarks)))
    return frame


def test_the_end_that_is_somebody_elses_becomes_their_trail(looks) -> None:
    one, other = looks
    trail = Trail()
    for pts in range(5):
        frame = _add(trail, one, pts)
    assert trail.proof is not None
    trail.trust(frame, trail.proof)
    for pts in range(5, 9):
        _add(trail, other, pts)
    parted = trail.parted()
    assert parted is not None
    assert (list(trail.faces), list(parted.faces)) == ([0, 1, 2, 3, 4], [5, 6, 7, 8])
    assert trail.lost
    assert not parted.lost


def test_a_blurred_face_is_still_there_and_a_covered_one_is_not(looks) -> None:
    one, other = looks
    trail = Trail()
    _add(trail, one, 0)
    trail.lose(Frame(one // 2 + 30, 1))
    trail.lose(Frame(other, 2))
    _add(trail, one, 3)
    assert sorted(trail.rims) == [0, 3]
    place = place_of(_face(1).landmarks)
    shown = [trail.shreds[pts].shows(place, trail.rims[0], trail.rims[3]) for pts in (1, 2)]
    assert shown == [True, False]


def test_a_face_that_was_another_one_leaves_nothing_behind(looks) -> None:
    one, other = looks
    trail = Trail()
    for pts in range(3):
        _add(trail, one, pts)
    known = list(trail.recent)
    frame = Frame(other, 3, Fraction(1, 25))
    away = _face(60)
    trail.add(frame, away, glimpse(other, place_of(away.landmarks)))

    trail.drop(frame)

    assert list(trail.faces) == list(trail.looks) == list(trail.likeness) == [0, 1, 2]
    assert all(a is b for a, b in zip(trail.recent, known, strict=True))
    assert trail.expected().centre == pytest.approx(place_of(_face().landmarks).centre)
    assert (trail.lost, trail.last_s) == (True, Fraction(2, 25))
    assert sorted(trail.rims) == [2]
    assert list(trail.shreds) == [3]


def test_a_trail_of_nothing_but_another_face_is_lost(looks) -> None:
    trail = Trail()
    trail.drop(_add(trail, looks[0], 0))
    assert trail.lost
    assert not trail.faces
