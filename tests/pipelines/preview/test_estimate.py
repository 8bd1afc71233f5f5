"""The estimate: what was measured, for as many frames and pieces as there are."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from masquerade.media.probe import MediaInfo
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.preview import estimate as module
from masquerade.pipelines.preview.estimate import Estimate, Pace, estimate, frames_of
from masquerade.pipelines.render import Shoot
from masquerade.types import Frame

PACE = Pace(a_frame_s=0.05, a_piece_s=0.4, waking_s=1.0, memory_mb=512.0)


def _info(**known: object) -> MediaInfo:
    return MediaInfo(Path("clip.mp4"), "video", "mov", **known)  # type: ignore[arg-type]


def _pieces(count: int, frames: int) -> tuple[Piece, ...]:
    return tuple(Piece(number, (Span(0, 0, 0, 0),), frames) for number in range(count))


def test_frames_that_were_counted_come_before_what_the_length_tells(monkeypatch) -> None:
    monkeypatch.setattr(module, "read_thumbnails", lambda _path: iter(range(500)))
    short = _info(duration_s=Fraction(296, 100), frame_rate=Fraction(25))
    told = estimate(short, PACE, ready_s=0, done_s=0, cut=_pieces(1, 75))
    assert "(75 frames)" in told.words
    assert "(about 74 frames)" in estimate(short, PACE, ready_s=0, done_s=0, cut=()).words


def test_every_frame_and_every_piece_counts() -> None:
    told = estimate(_info(frame_count=1000), PACE, ready_s=3.0, done_s=2.0, cut=_pieces(5, 200))
    assert told.seconds == pytest.approx(3 + 1 + 2 + 5 * 0.4 + 1000 * 0.05)
    assert told.memory_mb == 512.0


def test_a_search_for_shots_that_is_still_to_come_counts_too(monkeypatch) -> None:
    monkeypatch.setattr(module, "read_thumbnails", lambda _path: iter(range(500)))
    known = estimate(_info(frame_count=900), PACE, ready_s=0, done_s=0, cut=_pieces(4, 225))
    unknown = estimate(_info(frame_count=900), PACE, ready_s=0, done_s=0, cut=())
    assert unknown.seconds > known.seconds


@pytest.mark.parametrize(
    ("known", "frames"),
    [
        ({"frame_count": 75}, 75),
        ({"duration_s": Fraction(3), "frame_rate": Fraction(24)}, 72),
        ({"duration_s": Fraction(2)}, 50),
        ({}, 1),
    ],
)
def test_frames_are_counted_by_the_header_or_by_the_length(known, frames) -> None:
    assert frames_of(_info(**known)) == frames


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "about 1 s"), (8.4, "about 9 s"), (171, "about 3 min"), (4000, "about 1 h 7 min")],
)
def test_it_is_told_in_the_unit_that_people_use(seconds: float, words: str) -> None:
    told = Estimate(90, seconds, 612.0).words
    assert words in told
    assert "650 MB" in told


@pytest.mark.parametrize(
    ("there", "lasts"), [(40, [20, 50, 290]), (5, [20, 40, 40]), (1, [0, 0, 0])]
)
def test_stretches_end_with_the_video(there: int, lasts: list[int], monkeypatch) -> None:
    base = Fraction(1, 10)

    def read_frames(_path, *, start_pts):
        for number in range(there):
            yield Frame(np.zeros((4, 4, 3), np.uint8), start_pts + 10 * number, base)

    monkeypatch.setattr(module, "read_frames", read_frames)
    monkeypatch.setattr(module, "render_piece", lambda *_: iter(()))
    shoot = Shoot(_info(time_base=base), None, None, (), {})  # type: ignore[arg-type]
    made = list(module._segments(shoot, 100, {}))
    assert [one.first_pts for one in made] == [100] * 3
    assert [one.last_pts - 100 for one in made] == lasts
