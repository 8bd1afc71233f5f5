"""Pieces: every frame once, cuts respected, context only where a long shot was cut."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from masquerade.pipelines import pieces as module
from masquerade.pipelines.pieces import ENOUGH, MAX_FRAMES, OVERLAP, pieces
from masquerade.types import Frame


def _frames(count: int) -> Iterator[Frame]:
    pixels = np.zeros((2, 2, 3), np.uint8)
    return (Frame(pixels, pts=100 + 2 * number) for number in range(count))


@pytest.fixture
def cut_at(monkeypatch: pytest.MonkeyPatch):
    def with_cuts(*places: int) -> None:
        def cuts(frames):
            for number, frame in enumerate(frames):
                yield frame, number == 0 or number in places

        monkeypatch.setattr(module, "cuts", cuts)

    return with_cuts


@pytest.mark.parametrize(
    ("count", "places", "lengths"),
    [
        (0, (), []),
        (1, (), [1]),
        (MAX_FRAMES, (), [MAX_FRAMES]),
        (MAX_FRAMES + 1, (), [MAX_FRAMES, 1]),
        (400, (200,), [200, 200]),
        (400, (10, 20, 200), [200, 200]),
        (200, (10, 20), [200]),
        (700, (), [300, 300, 100]),
    ],
)
def test_pieces_end_at_cuts_or_at_the_limit(cut_at, count, places, lengths) -> None:
    cut_at(*places)
    assert [piece.frames for piece in pieces(_frames(count))] == lengths


def test_every_frame_is_in_exactly_one_span(cut_at) -> None:
    cut_at(7, 150, 480, 486)
    found = list(pieces(_frames(1000)))
    spans = [span for piece in found for span in piece.spans]
    assert spans[0].first == 100
    assert spans[-1].last == 100 + 2 * 999
    assert all(after.first == before.last + 2 for before, after in pairwise(spans))
    assert [piece.index for piece in found] == list(range(len(found)))


def test_context_reaches_over_a_border_only_inside_a_shot(cut_at) -> None:
    cut_at(200)
    first, second, third = pieces(_frames(600))
    assert first.spans[-1].after == first.last  # a cut follows
    assert second.spans[0].before == second.first
    assert second.spans[-1].after == second.last + 2 * OVERLAP
    assert third.spans[0].before == third.first - 2 * OVERLAP


def test_what_comes_soon_after_a_cut_is_no_cut(cut_at) -> None:
    cut_at(20, 21, 24, 40)
    (piece,) = pieces(_frames(60))
    assert [(span.first - 100) // 2 for span in piece.spans] == [0, 20, 40]


def test_the_short_end_of_a_long_shot_is_read_with_more_of_its_neighbours(cut_at) -> None:
    cut_at()
    _, short = pieces(_frames(MAX_FRAMES + 10))
    assert (short.first - short.spans[0].before) // 2 == ENOUGH - 10
