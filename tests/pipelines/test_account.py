"""The account of what was made: every stretch of frames that stayed as it was, and why."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

from masquerade.pipelines.make import Made
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Miss


def _lines(*misses: Miss, kind: str = "video") -> list[str]:
    tally = Tally({0: PieceTally(frames=200, swapped=100, misses=list(misses))})
    info = SimpleNamespace(time_base=Fraction(1, 25), start_pts=0, kind=kind)
    plan = SimpleNamespace(tally=tally, info=info, notes=("left.jpg left out: no face",))
    saved = SimpleNamespace(lines=lambda: ["sealed"])
    made = Made(Path("out.mp4"), plan, saved)  # type: ignore[arg-type]
    return made.lines(2.0)


def test_misses_are_told_as_stretches_of_time_with_their_reason() -> None:
    small = [Miss(pts, 0, f"face too small: {pts} px, at least 28 px") for pts in range(10)]
    turned = [Miss(pts, 1, "face turned too far: 70 degrees") for pts in range(5, 10)]
    later = [Miss(pts, 0, "face too small: 9 px, at least 28 px") for pts in range(100, 103)]
    lines = _lines(*sorted(small + turned, key=lambda miss: miss.pts), *later)
    assert lines[0] == "out.mp4: 100 of 200 frames changed in 2.0 s (100.0 frames/s)"
    assert [line for line in lines if line.startswith("not changed")] == [
        "not changed: 0:00.00 to 0:00.36 (10 frames): face too small",
        "not changed: 0:00.20 to 0:00.36 (5 frames): face turned too far",
        "not changed: 0:04.00 to 0:04.08 (3 frames): face too small",
    ]
    assert "note: left.jpg left out: no face" in lines
    assert lines[-1] == "sealed"


def test_many_stretches_are_cut_short_and_counted() -> None:
    lines = _lines(*(Miss(100 * n, 0, "face too small") for n in range(20)))
    told = [line for line in lines if line.startswith("not changed")]
    assert len(told) == 13
    assert told[-1] == "not changed: and 8 more stretches"


def test_a_still_has_no_frames_per_second() -> None:
    assert _lines(kind="still")[0] == "out.mp4: changed in 2.0 s"
