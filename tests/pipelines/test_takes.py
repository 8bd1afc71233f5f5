"""Takes by shot and by time: which frames they reach, and what cannot be."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.generate import swap_mesh
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.pieces import OVERLAP, Piece, Span
from masquerade.pipelines.takes import ShotTake, Take, Where, assign, shots_of, take_of_still

USUAL = Take("swap_mesh", swap_mesh.Options(), ComposeOptions())
SKIP = replace(USUAL, skip=True)
INFO = MediaInfo(Path("clip.mp4"), "video", "mov", time_base=Fraction(1, 100))
# 25 frames a second, 4 ticks apart, from pts 200 on: shots of 2 s, 8 s (cut into two pieces), 2 s.
PIECES = (
    Piece(0, (Span(200, 396, 200, 396), Span(400, 796, 400, 844)), 150),
    Piece(1, (Span(800, 1196, 752, 1196), Span(1200, 1396, 1200, 1396)), 150),
)


def _entry(words: str = "shots.toml, line 1", take: Take = SKIP, **where: object) -> ShotTake:
    return ShotTake(Where(words, **where), take)  # type: ignore[arg-type]


def _skipped(assigned) -> list[tuple[int, int]]:
    return [(span.first, span.last) for span in assigned.takes]


def test_a_shot_that_was_cut_into_pieces_is_one_shot() -> None:
    found = shots_of(PIECES, 1400)
    assert [(one.number, one.first, one.end) for one in found] == [
        (1, 200, 400),
        (2, 400, 1200),
        (3, 1200, 1400),
    ]


def test_without_entries_nothing_is_cut() -> None:
    assert assign((), PIECES, INFO).pieces == PIECES


def test_a_shot_by_number_is_reached_in_all_its_pieces() -> None:
    assigned = assign([_entry(numbers=(2,))], PIECES, INFO)
    assert _skipped(assigned) == [(400, 796), (800, 1196)]
    assert assigned.pieces == PIECES


def test_times_count_from_the_first_picture_and_cut_a_shot_with_context_on_both_sides() -> None:
    entry = _entry(from_s=Fraction(3), until_s=Fraction(5))
    assigned = assign([entry], PIECES, INFO)
    assert _skipped(assigned) == [(500, 699)]
    before, inside, after = assigned.pieces[0].spans[1:]
    reach = OVERLAP * 4
    assert (before.first, before.last, before.after) == (400, 499, 499 + reach)
    assert (inside.before, inside.after) == (500 - reach, 699 + reach)
    assert (after.first, after.last, after.before, after.after) == (700, 796, 700 - reach, 844)


def test_context_never_reaches_into_another_shot() -> None:
    assigned = assign([_entry(from_s=Fraction(201, 100), until_s=Fraction(22, 10))], PIECES, INFO)
    (span,) = assigned.takes
    assert (span.first, span.before) == (401, 400)


def test_an_entry_without_an_end_reaches_to_the_last_frame() -> None:
    assigned = assign([_entry(from_s=Fraction(10))], PIECES, INFO)
    assert _skipped(assigned) == [(1200, 1396)]


def test_times_of_corrections_are_put_on_the_clock_of_the_file() -> None:
    mark = Correction.box((0, 0, 1, 1), keep="front", from_s=Fraction(1), until_s=Fraction(2))
    take = replace(USUAL, corrections=(mark,))
    (found,) = assign([_entry(take=take, numbers=(1,))], PIECES, INFO).takes.values()
    assert (found.corrections[0].from_s, found.corrections[0].until_s) == (3, 4)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([_entry(numbers=(4,))], "line 1: there is no shot 4; expected: 1 to 3"),
        ([_entry(from_s=Fraction(12))], r"line 1: 0:12.00 is after the end"),
        ([_entry(until_s=Fraction(13))], r"0:13.00 is after the end; expected: times from 0:00"),
        (
            [_entry(numbers=(2,)), _entry("shots.toml, line 9", from_s=Fraction(9))],
            r"line 9 and shots.toml, line 1 are both for 0:09.00",
        ),
        (
            [_entry("line 9", until_s=Fraction(1)), _entry(numbers=(1,))],
            "are both for 0:00.00",
        ),
    ],
)
def test_entries_that_cannot_be_are_refused(entries, words) -> None:
    with pytest.raises(UsageError, match=words):
        assign(entries, PIECES, INFO)


def test_a_still_is_one_shot() -> None:
    assert take_of_still([_entry(numbers=(1,))], INFO).whole == SKIP
    for entries in ([_entry(numbers=(2,))], [_entry(from_s=Fraction(0))]):
        with pytest.raises(UsageError, match="the target is a still picture"):
            take_of_still(entries, INFO)
