"""Where and how strongly a made face is shown."""

from dataclasses import replace

import numpy as np
import pytest

from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology
from masquerade.faces.staging import height_px, neutral_height, patch_box, ramp, steadied, strength
from masquerade.types import Face, Frame, Window


def _face(px: float = 60.0, yaw: float = 0.0, track_id: int = 1) -> Face:
    marks = (topology().neutral * np.float32(px) + np.float32(200)).astype(np.float32)
    return replace(face_of(marks, 1.0), pose_deg=(yaw, 0.0, 0.0), track_id=track_id)


def test_height_scales_with_the_face() -> None:
    assert height_px(_face(60).landmarks) == pytest.approx(60 * neutral_height(), rel=1e-4)


@pytest.mark.parametrize(
    ("face", "words"),
    [(_face(5), "face too small"), (_face(60, yaw=70), "face turned too far"), (_face(60), "")],
)
def test_a_face_that_is_not_shown_says_why(face: Face, words: str) -> None:
    share, reason = strength(face, least_px=30, most_deg=65)
    assert reason.startswith(words)
    assert (share == 0) == bool(words)


def test_a_face_fades_towards_the_limit() -> None:
    shares = [strength(_face(60, yaw=yaw), least_px=30, most_deg=65)[0] for yaw in (40, 58, 63)]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)


def test_the_box_holds_the_outline_and_stays_in_the_frame() -> None:
    marks = _face().landmarks
    x0, y0, x1, y1 = patch_box(marks, height_px(marks), (230, 400))
    assert (x0, x1) == (min(x0, 230), 230)
    assert y0 < marks[10, 1] < marks[152, 1] < y1


def test_a_face_is_averaged_with_its_neighbours_of_the_same_track() -> None:
    faces = [replace(_face(), landmarks=_face().landmarks + shift) for shift in (0, 4, 0)]
    frames = (Frame(np.zeros((4, 4, 3), np.uint8)),) * 3
    window = Window(frames, tuple((face,) for face in faces), 1)
    assert np.allclose(steadied(faces[1], window).landmarks, _face().landmarks + 2)
    other = Window(frames, ((_face(track_id=2),), (faces[1],), (faces[2],)), 1)
    assert steadied(faces[1], other) is faces[1]


def test_ramp_is_smooth_between_0_and_1() -> None:
    assert ramp(np.array([-1, 0, 0.5, 1, 2], np.float32)).tolist() == [0, 0, 0.5, 1, 1]
