"""Moments: which are wanted, and the frames around each that belong to its shot."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.preview import moments as module
from masquerade.pipelines.preview.moments import MOST, Which, read_stretch, times_of
from masquerade.pipelines.takes import Shot
from masquerade.types import Frame

BASE = Fraction(1, 100)
INFO = MediaInfo(
    Path("clip.mp4"), "video", "mov", time_base=BASE, frame_rate=Fraction(25), frame_count=300
)
START = 50
SHOTS = (Shot(1, 50, 450), Shot(2, 450, 650), Shot(3, 650, 1250))


@pytest.fixture(autouse=True)
def _clip(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 frames, 4 ticks apart from pts 50 on, in shots that look different."""

    def frames(_path, *, start_pts, stop_pts):
        for pts in range(START, START + 1200, 4):
            if start_pts <= pts < stop_pts:
                shot = next(one.number for one in SHOTS if pts < one.end)
                yield Frame(np.full((36, 64, 3), 70 * shot, np.uint8), pts, BASE)

    monkeypatch.setattr(module, "read_frames", frames)


def test_moments_are_spread_evenly_where_none_is_named() -> None:
    times, more = times_of(Which(count=4), Fraction(12), (), BASE)
    assert (times, more) == ((Fraction(3, 2), Fraction(9, 2), Fraction(15, 2), Fraction(21, 2)), 0)


def test_the_middle_of_every_shot_and_times_by_name_go_together() -> None:
    times, _ = times_of(Which((Fraction(1),), shots=True), Fraction(12), SHOTS, BASE)
    assert times == (1, 2, 5, 9)


def test_no_more_than_a_sheet_holds_are_taken_and_the_rest_is_counted() -> None:
    which = Which(tuple(Fraction(n, 10) for n in range(MOST + 3)))
    times, more = times_of(which, Fraction(12), (), BASE)
    assert (len(times), more) == (MOST, 3)


def test_a_time_after_the_end_is_refused() -> None:
    with pytest.raises(UsageError, match=r"0:12\.00 is after the end"):
        times_of(Which((Fraction(12),)), Fraction(12), (), BASE)


def test_a_moment_shows_the_frame_that_is_shown_then() -> None:
    stretch = read_stretch(INFO, Fraction(103, 100), START)
    assert stretch.frame.pts == 150  # that of 153 is not there
    assert [frame.pts for frame in stretch.frames] == list(range(106, 179, 4))


def test_frames_of_another_shot_are_never_among_them() -> None:
    after_cut = read_stretch(INFO, Fraction(4), START)
    assert after_cut.frame.pts == after_cut.wide[0].pts == 450
    before_cut = read_stretch(INFO, Fraction(396, 100), START)
    assert before_cut.frame.pts == before_cut.wide[-1].pts == 446


def test_some_frames_further_away_are_kept_to_learn_from() -> None:
    stretch = read_stretch(INFO, Fraction(9), START)
    near = {frame.pts for frame in stretch.frames}
    far = [frame.pts for frame in stretch.wide if frame.pts not in near]
    assert min(far) < 950 - 200
    assert max(far) > 950 + 100
    assert len(stretch.wide) < 50


def test_the_first_and_the_last_frame_can_be_shown() -> None:
    assert read_stretch(INFO, Fraction(0), START).frame.pts == START
    assert read_stretch(INFO, Fraction(1199, 100), START).frame.pts == START + 1196
