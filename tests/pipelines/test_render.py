"""Rendering of one piece: neighbours across borders, unknown faces named, faults passed on."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import FaceError, MasqueradeError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.pipelines import render as module
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.render import Rig, Shoot, render_piece
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Face, Frame, Miss, Patch, Track

POINTS = np.zeros((478, 3), np.float32)
FACE = Face((4.0, 4.0, 20.0, 20.0), 1.0, POINTS, (0.0, 0.0, 0.0))
TIMES = [100, 103, 110, 111, 140, 141, 160, 200]  # a variable frame rate


def _frames(_path, *, start_pts, stop_pts):
    for pts in TIMES:
        if start_pts <= pts < stop_pts:
            yield Frame(np.full((32, 32, 3), 90, np.uint8), pts, Fraction(1, 100))


def _piece(first: int, last: int, before: int, after: int) -> Piece:
    count = sum(first <= pts <= last for pts in TIMES)
    return Piece(0, (Span(first, last, before, after),), count)


@pytest.fixture
def shoot(monkeypatch: pytest.MonkeyPatch):
    """A shoot whose target shows one track in every frame."""

    def make(method, *, radius: int = 1, embedding=None, people=(), wanted=None) -> Shoot:
        def track(frames, _reader, *, first_id, see=None):
            return [Track(first_id, {frame.pts: FACE for frame in frames}, embedding)]

        monkeypatch.setattr(module, "read_frames", _frames)
        monkeypatch.setattr(module, "track", track)

        class Info:
            path = "clip.mp4"

        return Shoot(
            info=Info(),  # type: ignore[arg-type]
            reader=None,  # type: ignore[arg-type]
            rig=Rig("mine", method, radius, ComposeOptions()),
            people=people,
            wanted={"0": None} if wanted is None else wanted,
        )

    return make


def _brighter(windows):
    for window in windows:
        pixels = np.full((16, 16, 3), 200, np.uint8)
        mask = np.ones((16, 16), np.float32)
        yield [Patch(pixels, mask, (4, 4, 20, 20), face.track_id) for face in window.faces]


def _rendered(shoot: Shoot, piece: Piece) -> tuple[list[Frame], Tally]:
    tally = Tally()
    return list(render_piece(shoot, piece, tally, {})), tally


def test_every_frame_of_the_piece_comes_out_once_with_its_time(shoot) -> None:
    frames, tally = _rendered(shoot(_brighter), _piece(110, 141, 100, 200))
    assert [frame.pts for frame in frames] == [110, 111, 140, 141]
    assert (tally.frames, tally.swapped, tally.empty) == (4, 4, 0)
    assert all(frame.pixels[12, 12, 0] == 200 for frame in frames)


@pytest.mark.parametrize("radius", [0, 1, 2])
def test_neighbours_reach_over_both_borders_of_a_long_shot(shoot, radius: int) -> None:
    seen: dict[int, list[int]] = {}

    def watch(windows):
        for window in windows:
            seen[window.frame.pts] = [frame.pts for frame in window.frames]
            yield []

    _rendered(shoot(watch, radius=radius), _piece(110, 141, 100, 200))
    at = TIMES.index
    for pts in (110, 111, 140, 141):
        assert seen[pts] == TIMES[at(pts) - radius : at(pts) + radius + 1]
    assert max(seen) == 141


def test_without_context_the_border_has_no_neighbours(shoot) -> None:
    seen = []

    def watch(windows):
        for window in windows:
            seen.append(len(window.frames))
            yield []

    _rendered(shoot(watch), _piece(110, 141, 110, 141))
    assert seen == [2, 3, 3, 2]


def test_a_face_nobody_can_tell_is_reported_and_not_passed_over(shoot, rng) -> None:
    ada, bo = (Person(rng.normal(size=128).astype(np.float32), 4, x, 50.0, 0.0) for x in (0.2, 0.8))
    made = shoot(_brighter, people=(ada, bo), wanted={"0": ada})
    _, tally = _rendered(made, _piece(110, 141, 110, 141))
    assert (tally.frames, tally.swapped, tally.empty) == (4, 0, 0)
    assert [miss.pts for miss in tally.misses] == [110, 111, 140, 141]
    assert "never clear enough" in tally.misses[0].reason


def test_a_face_seen_too_briefly_is_reported_with_the_reason(
    shoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shoot(_brighter)
    glimpse = Track(5, {110: FACE, 111: FACE}, None, brief=True)
    monkeypatch.setattr(module, "track", lambda frames, _reader, *, first_id, see: [glimpse])
    _, tally = _rendered(made, _piece(110, 141, 110, 141))
    assert (tally.frames, tally.swapped, tally.empty) == (4, 0, 2)
    assert [(miss.pts, miss.track_id) for miss in tally.misses] == [(110, 5), (111, 5)]
    assert "fewer than 3 frames" in tally.misses[0].reason


def test_everyone_takes_those_whom_no_named_member_takes(shoot, rng) -> None:
    ada, bo = (Person(rng.normal(size=128).astype(np.float32), 4, x, 50.0, 0.0) for x in (0.2, 0.8))
    became = []

    def watch(windows):
        for window in windows:
            became.extend(face.person for face in window.faces)
            yield []

    for embedding in (ada.embedding, bo.embedding, None):
        made = shoot(watch, embedding=embedding, people=(ada, bo), wanted={"0": None, "1": ada})
        _rendered(made, _piece(110, 110, 110, 110))
    assert became == ["1", "0", "0"]


def test_where_consent_is_needed_nobody_is_changed_who_was_not_measured_before(shoot, rng) -> None:
    ada, bo = (Person(rng.normal(size=128).astype(np.float32), 4, x, 50.0, 0.0) for x in (0.2, 0.8))
    for embedding, people, wanted in (
        (bo.embedding, (ada,), None),
        (None, (ada,), None),
        (None, (ada,), {"0": ada}),
    ):
        made = shoot(_brighter, embedding=embedding, people=people, wanted=wanted)
        made = replace(made, rig=replace(made.rig, portrays=True))
        _, tally = _rendered(made, _piece(110, 110, 110, 110))
        assert (tally.swapped, [miss.pts for miss in tally.misses]) == (0, [110])
        assert "no record covers it" in tally.misses[0].reason
    made = shoot(_brighter, embedding=ada.embedding, people=(ada, bo))
    made = replace(made, rig=replace(made.rig, portrays=True))
    assert _rendered(made, _piece(110, 110, 110, 110))[1].swapped == 1


def test_a_tally_comes_back_from_its_json(shoot) -> None:
    def miss(windows):
        for window in windows:
            yield [Miss(window.frame.pts, 0, "too small (9 px)")]

    _, tally = _rendered(shoot(miss), _piece(110, 141, 110, 141))
    again = Tally()
    again.restore(0, tally.lines_of(0)())
    assert (again.frames, again.swapped, again.misses) == (4, 0, tally.misses)
    again.restore(0, "")
    assert again.frames == 4
    assert again.lines_of(7)() == ""


def _too_few(windows):
    next(windows)
    yield []


def _too_many(windows):
    for _ in windows:
        yield []
    yield []


def _fails(windows):
    next(windows)
    yield []
    raise ZeroDivisionError("in the middle")


@pytest.mark.parametrize(
    ("method", "error", "words"),
    [
        (_too_few, MasqueradeError, "mine ended before its windows did"),
        (_too_many, MasqueradeError, "mine gave more lists"),
        (_fails, ZeroDivisionError, "in the middle"),
    ],
)
def test_a_method_out_of_step_or_at_fault_stops_the_work(shoot, method, error, words) -> None:
    with pytest.raises(error, match=words):
        _rendered(shoot(method), _piece(110, 141, 100, 200))


def test_work_in_which_nothing_was_changed_is_not_kept() -> None:
    misses = [Miss(pts, 0, f"face too small: {pts} px") for pts in range(3)]
    tally = Tally({0: PieceTally(frames=5, empty=2, misses=misses)})
    earlier = json.dumps(PieceTally(frames=4, empty=4).as_json())
    with pytest.raises(FaceError, match=r"any of 9 frames: nobody meant was seen \(in 6\); face"):
        tally.judge({0: "", 1: earlier})
    tally.judge({0: "", 1: earlier, 2: json.dumps(PieceTally(frames=1, swapped=1).as_json())})


def test_what_people_said_lies_in_front_stays_in_front_for_that_time(shoot) -> None:
    whole = shoot(_brighter)
    hand = Correction.box(
        (4, 4, 12, 20), keep="front", unit="px", from_s=Fraction(112, 100), until_s=Fraction(2)
    )
    asked = replace(whole, rig=replace(whole.rig, corrections=(hand,)))
    frames, tally = _rendered(asked, _piece(110, 141, 110, 141))
    assert [int(frame.pixels[12, 6, 0]) for frame in frames] == [200, 200, 90, 90]
    assert all(frame.pixels[12, 16, 0] == 200 for frame in frames)
    assert tally.swapped == 4


def test_a_span_that_is_skipped_comes_through_as_it_is_and_is_shown_to_the_gates(shoot) -> None:
    seen: list[int] = []
    piece = Piece(0, (Span(100, 110, 100, 110), Span(111, 141, 111, 141)), 6)
    whole = shoot(_brighter)
    asked = replace(
        whole, rigs={piece.spans[0]: None}, onlookers=[lambda frame: seen.append(frame.pts)]
    )
    frames, tally = _rendered(asked, piece)
    assert [int(frame.pixels[12, 12, 0]) for frame in frames] == [90] * 3 + [200] * 3
    assert seen == [100, 103, 110, 111, 140, 141]
    assert (tally.frames, tally.swapped, tally.skipped, tally.empty) == (6, 3, 3, 0)
    assert PieceTally.from_json(tally.pieces[0].as_json()) == tally.pieces[0]


def test_what_stays_in_front_is_kept_with_the_tally() -> None:
    counts = PieceTally(frames=2, swapped=2, held=[(100, (1, 2, 30, 40)), (103, (1, 2, 31, 40))])
    again = PieceTally.from_json(json.loads(json.dumps(counts.as_json())))
    assert again == counts
    assert Tally({0: again}).held == counts.held
