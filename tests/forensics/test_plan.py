"""What is looked at of a file: all of a short one, a stated sample of a long one."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from masquerade.forensics.plan import GLANCES, RUN_S, RUNS, plan
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
