"""Progress goes to stderr, at a pace, and counts only what this run did."""

import re
import time

import pytest

from masquerade.cli.progress import Progress, _span


class Clock:
    """Time that a test moves on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def _terminal(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: answer, raising=False)


@pytest.mark.parametrize("terminal", [True, False])
def test_an_account_repeats_no_note_on_the_same_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    with Progress() as progress:
        progress.tell("the sound is kept")
        lines = progress.untold(["out.mp4: made", "note: the sound is kept", "note: more"])
    kept = [] if terminal else ["note: the sound is kept"]
    assert lines == ["out.mp4: made", *kept, "note: more"]


def test_a_line_now_and_then_says_speed_time_left_and_memory(clock, capsys) -> None:
    with Progress() as progress:
        progress("frames", 300, 1000)  # 300 were there from a run before
        clock.now += 5
        progress("frames", 350, 1000)
        assert capsys.readouterr().err == ""
        clock.now += 5
        progress("frames", 400, 1000)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("frames: 400 of 1000, 10.0/s, 60 s left, ")
    assert err.endswith(" MB\n")


def test_a_total_nobody_knows_is_left_out(clock, capsys) -> None:
    with Progress() as progress:
        progress("frames", 0, None)
        clock.now += 20
        progress("frames", 40, None)
    assert capsys.readouterr().err.startswith("frames: 40, 2.0/s, ")


def test_quiet_says_nothing(clock, capsys) -> None:
    with Progress(quiet=True) as progress:
        progress("frames", 1, 2)
        clock.now += 60
        progress("frames", 2, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_a_bar_that_ends_even_after_an_error(monkeypatch, capsys) -> None:
    _terminal(monkeypatch, True)
    progress = Progress()

    def work() -> None:
        with progress:
            progress("frames", 1, 4)
            progress("frames", 2, 4)
            assert progress._bar is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert progress._bar is None
    assert capsys.readouterr().out == ""


def test_a_note_is_a_line_of_its_own_and_silent_when_quiet(clock, capsys) -> None:
    with Progress() as progress:
        progress.tell("ada.jpg: the face is blurred")
    assert capsys.readouterr().err == "note: ada.jpg: the face is blurred\n"
    with Progress(quiet=True) as progress:
        progress.tell("ada.jpg: the face is blurred")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (150, "2 min"), (7190, "2 h 0 min"), (9000, "2 h 30 min")],
)
def test_time_left_is_said_in_the_unit_a_person_would_use(seconds, words) -> None:
    assert _span(seconds) == words


def test_a_stage_that_counts_nothing_shows_no_figures_but_memory(clock, capsys) -> None:
    with Progress() as progress:
        clock.now += 20
        progress("reading the watermark", 0, None)
    assert re.fullmatch(r"reading the watermark, \d+ MB\n", capsys.readouterr().err)


def test_short_stages_one_after_the_other_are_told_every_ten_seconds_too(clock, capsys) -> None:
    with Progress() as progress:
        for stage in ("getting ready", "looking at the source", "looking for people"):
            clock.now += 6
            progress(stage, 0, None)
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "looking at the source"
    ]
