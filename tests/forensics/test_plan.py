"""What is looked at of a file: all of a short one, a stated sample of a long one."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from masquerade.forensics.plan import GLANCES, RUN_S, RUNS, evenly, plan
from masquerade.media.probe import AudioInfo, MediaInfo

SOUND = (AudioInfo(1, "aac", 48_000, 2, "stereo", Fraction(0), None),)


def test_a_short_video_is_looked_at_whole() -> None:
    made = plan(MediaInfo(Path("a.mp4"), "video", "mp4", duration_s=Fraction(8), audio=SOUND))
    assert made.whole
    assert made.runs == ((Fraction(0), Fraction(8)),)
    assert made.sound == ((Fraction(0), Fraction(8)),)
    assert "whole" in made.words


def test_a_long_one_is_sampled_and_says_so() -> None:
    made = plan(MediaInfo(Path("a.mp4"), "video", "mp4", duration_s=Fraction(7200), audio=SOUND))
    assert not made.whole
    assert len(made.runs) == RUNS
    assert all(end - start == RUN_S for start, end in made.runs)
    assert all(a[1] <= b[0] for a, b in pairwise(made.runs))
    assert made.runs[-1][1] <= 7200
    assert sum((end - start for start, end in made.sound), Fraction(0)) == 600
    assert f"{GLANCES} pictures" in made.words
    assert "600 s of sound" in made.words


def test_a_still_has_no_time() -> None:
    made = plan(MediaInfo(Path("a.png"), "still", "png"))
    assert made.whole
    assert made.glances == 1
    assert not made.runs
    assert not made.sound


def test_faces_are_followed_where_the_sound_is_heard() -> None:
    for seconds in (21, 90, 601, 7200):
        made = plan(
            MediaInfo(Path("a.mp4"), "video", "mp4", duration_s=Fraction(seconds), audio=SOUND)
        )
        for start, end in made.runs:
            assert any(a <= start and end <= b for a, b in made.sound), seconds


def test_the_report_says_where_the_stretches_begin() -> None:
    made = plan(MediaInfo(Path("a.mp4"), "video", "mp4", duration_s=Fraction(7200), audio=SOUND))
    assert made.words == (
        "looked at: 24 pictures spread over the file, 24 s in which faces are followed, with their"
        " sound, in 4 stretches (from 7:12, 42:22, 77:32, 112:42), 600 s of sound"
    )


def test_stretches_cover_a_short_length_and_are_spread_over_a_long_one() -> None:
    short = evenly(Fraction(25), Fraction(60), Fraction(10))
    assert short == ((0, 10), (10, 20), (20, 25))
    long = evenly(Fraction(3600), Fraction(60), Fraction(10))
    assert len(long) == 6
    assert all(end - start == 10 for start, end in long)
    assert long[0][0] == 180
    assert long[-1][1] == 3420
