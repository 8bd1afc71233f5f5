"""One face from frame to frame: what is expected of it, and what counts as the same face."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.faces.following import follow
from masquerade.faces.following.follow import GAP_S, REMEMBERED_S, continues, same_place
from masquerade.faces.following.glimpse import NOTHING
from masquerade.faces.following.trail import Trail
from masquerade.faces.landmarks import face_of, place_of
from masquerade.faces.mesh import topology
from masquerade.types import Face, Frame

BASE = Fraction(1, 25)
SIZE = 40.0


def face_at(x: float, y: float = 120.0, size: float = SIZE) -> Face:
    return face_of((topology().neutral * size + np.array([x, y, 0])).astype(np.float32), 1.0)


def frame_at(number: int) -> Frame:
    return Frame(np.zeros((240, 640, 3), np.uint8), number, BASE)


def trail_of(*faces: Face) -> Trail:
    trail = Trail()
    for number, face in enumerate(faces):
        trail.add(frame_at(number), face, NOTHING)
    return trail


def test_a_moving_face_is_expected_as_far_on_as_it_came() -> None:
    before, here = face_at(100), face_at(112, 125)
    step = place_of(here.landmarks).centre - place_of(before.landmarks).centre
    expected = trail_of(face_at(90), before, here).expected()
    assert expected.centre == pytest.approx(place_of(here.landmarks).centre + step, abs=1e-3)


def test_a_lost_face_is_expected_where_it_was_last() -> None:
    trail = trail_of(face_at(100), face_at(112))
    trail.lost = True
    assert trail.expected().centre == pytest.approx(place_of(face_at(112).landmarks).centre)


@pytest.mark.parametrize(("apart_px", "same"), [(0, True), (8, True), (60, False)])
def test_faces_that_lie_on_each_other_are_one(apart_px: float, same: bool) -> None:
    assert same_place(face_at(100), face_at(100 + apart_px)) is same


@pytest.mark.parametrize(
    ("what", "changes", "taken_up"),
    [
        ("as it was", {}, True),
        ("somebody else", {"unlike": 0.9}, False),
        ("too far away", {"x": 560.0}, False),
        ("three times the size", {"size": 3 * SIZE}, False),
        ("gone for long, and never clear", {"gone_s": GAP_S + BASE}, False),
        ("gone for long, and known", {"gone_s": GAP_S + BASE, "clear": True}, True),
        ("gone too long", {"gone_s": REMEMBERED_S + BASE, "clear": True}, False),
        ("never lost", {"lost": False}, False),
    ],
)
def test_a_lost_trail_goes_on_with_the_same_face_near_by_and_soon(
    what: str, changes: dict, taken_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"x": 110.0, "size": SIZE, "gone_s": BASE, "unlike": 0.3, "lost": True, "clear": False}
    case = usual | changes
    trail = trail_of(face_at(100))
    trail.lost = case["lost"]
    trail.portraits.best = [(1.0, np.zeros((150, 150, 3), np.uint8))] if case["clear"] else []
    monkeypatch.setattr(follow, "resembles", lambda *_: case["unlike"])
    later = frame_at(int(case["gone_s"] / BASE))
    face = face_at(case["x"], size=case["size"])
    found = continues(later, face, [trail], reader=None)  # type: ignore[arg-type]
    assert (found is trail) is taken_up, what


def test_of_several_lost_trails_the_most_alike_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    trails = [trail_of(face_at(100)), trail_of(face_at(105))]
    for trail in trails:
        trail.lost = True
    monkeypatch.setattr(
        follow, "resembles", lambda _image, _face, trail, _reader: 0.5 - 0.2 * (trail is trails[1])
    )
    found = continues(frame_at(1), face_at(102), trails, reader=None)  # type: ignore[arg-type]
    assert found is trails[1]


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_checked_face_is_kept_only_if_the_detector_sees_it(
    confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = face_at(100)
    place = place_of(face.landmarks)
    monkeypatch.setattr(follow, "read_face", lambda *_a, **_k: face)
    seen = type("Seen", (), {"place": place})() if confirmed else None
    monkeypatch.setattr(follow, "see_again", lambda *_: seen)
    found = follow.follow(frame_at(2), trail_of(face, face), None, check=True)  # type: ignore[arg-type]
    assert (found is face) is confirmed
    unchecked = follow.follow(frame_at(2), trail_of(face, face), None, check=False)  # type: ignore[arg-type]
    assert unchecked is face
