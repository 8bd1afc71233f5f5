"""Faces come and go over several frames, whatever makes them go."""

from dataclasses import replace

import numpy as np
import pytest

from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology
from masquerade.faces.showing import staged
from masquerade.faces.staging import strength
from masquerade.types import Face, Track

SIZE_WH = (640, 400)
COUNT = 60


def _face(yaw: float = 0.0, x: float = 300.0, px: float = 50.0) -> Face:
    marks = topology().neutral * np.float32(px) + np.array([x, 200, 0], np.float32)
    return replace(face_of(marks.astype(np.float32), 1.0), pose_deg=(yaw, 0.0, 0.0))


def _shown(faces: dict[int, Face]) -> np.ndarray:
    (one,) = staged([Track(0, faces)], range(COUNT), {}, SIZE_WH)
    return np.array([strength(one.faces[n], least_px=28, most_deg=65)[0] for n in sorted(faces)])


def _yaws(*turned: tuple[int, int, float]) -> dict[int, Face]:
    yaws = np.zeros(COUNT)
    for first, last, yaw in turned:
        yaws[first:last] = yaw
    return {n: _face(float(yaw)) for n, yaw in enumerate(yaws)}


def test_a_face_at_ease_is_shown_from_the_first_frame_to_the_last() -> None:
    assert _shown(_yaws()).tolist() == [1.0] * COUNT


def test_a_face_that_turns_away_at_once_has_faded_before() -> None:
    shown = _shown(_yaws((30, 45, 80.0)))
    assert shown[30:45].max() == 0
    assert shown[10] == 1
    assert shown[55] == 1
    assert 0.02 < np.abs(np.diff(shown)).max() < 0.3


def test_a_face_at_the_limit_does_not_come_and_go() -> None:
    turned = tuple((n, n + 2, 70.0) for n in range(10, 50, 6))
    shown = _shown(_yaws(*turned))
    assert shown[10:48].max() == 0


def test_a_face_that_shrinks_fades() -> None:
    shown = _shown({n: _face(px=50.0 if n < 30 else 10.0) for n in range(COUNT)})
    assert shown[30:].max() == 0
    assert np.abs(np.diff(shown)).max() < 0.3


@pytest.mark.parametrize(("yaw", "x", "fades"), [(0, 300, True), (50, 300, True), (0, 20, False)])
def test_a_lost_face_fades_unless_it_leaves_the_picture(yaw, x, fades) -> None:
    shown = _shown({n: _face(yaw, x) for n in range(40)})
    assert shown[30] == 1
    assert (shown[39] < 0.5) == fades


def test_a_hidden_face_says_so_and_those_around_fade() -> None:
    faces = _yaws()
    faces[30] = replace(faces[30], fade=0.0)
    shown = _shown(faces)
    assert shown[30] == 0
    assert 0 < shown[29] < shown[28] < 1
    assert shown[20] == 1
    words = strength(replace(_face(), fade=0.0), least_px=28, most_deg=65)[1]
    assert words.startswith("face hidden for a moment")


def test_of_two_faces_that_cross_the_one_behind_gives_way() -> None:
    tracks = [
        Track(k, {n: _face(x=200.0 + sign * 3 * (n - 30)) for n in range(COUNT)})
        for k, sign in enumerate((1, -1))
    ]
    likeness = {0: dict.fromkeys(range(COUNT), 1.0), 1: dict.fromkeys(range(COUNT), 0.4)}
    front, back = staged(tracks, range(COUNT), likeness, SIZE_WH)
    assert {face.fade for face in front.faces.values()} == {1.0}
    assert back.faces[30].fade == pytest.approx(0)
    assert back.faces[0].fade == 1


def test_pieces_of_a_shot_agree() -> None:
    faces = _yaws((30, 45, 80.0))
    (whole,) = staged([Track(0, faces)], range(COUNT), {}, SIZE_WH)
    part = {n: faces[n] for n in range(20, COUNT)}
    (piece,) = staged([Track(0, part)], range(20, COUNT), {}, SIZE_WH)
    for n in range(32, COUNT):
        assert piece.faces[n].fade == whole.faces[n].fade
        assert np.array_equal(piece.faces[n].course, whole.faces[n].course)
