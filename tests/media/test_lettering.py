"""Words on pictures: where they are asked for, cut at the edge, never an error."""

import numpy as np
import pytest

from masquerade.media.lettering import draw_words, width_px


def _page() -> np.ndarray:
    return np.full((40, 200, 3), 255, np.uint8)


@pytest.mark.parametrize(
    ("anchor", "x", "first", "last"), [("left", 50, 49, 110), ("right", 150, 90, 151)]
)
def test_words_lie_where_they_are_asked_for(anchor, x, first, last) -> None:
    page = _page()
    draw_words(page, "words", (x, 20), size_px=18, anchor=anchor)
    rows, columns = np.nonzero((page < 200).any(axis=-1))
    assert first <= columns.min() <= columns.max() <= last
    assert 8 <= rows.min() <= rows.max() <= 32


@pytest.mark.parametrize("words", ["", "far too many words for a small page " * 9, "日本 é\n"])
@pytest.mark.parametrize("at", [(0, 0), (190, 39), (-50, 20), (500, 500)])
def test_what_does_not_fit_is_cut_off(words: str, at: tuple[int, int]) -> None:
    page = _page()
    draw_words(page, words, at, size_px=20, anchor="middle")
    assert page.shape == (40, 200, 3)


def test_longer_words_are_wider() -> None:
    assert 0 < width_px("word", 20) < width_px("words", 20) < width_px("words", 30)
