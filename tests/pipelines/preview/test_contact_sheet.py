"""The sheet: every picture where it is said to be, nothing over another."""

import numpy as np
import pytest

from masquerade.pipelines.preview.contact_sheet import Row, Shown, contact_sheet
from masquerade.provenance.label import Clip, Label, labelled
from masquerade.types import Frame


def _row(size_wh: tuple[int, int], shades: list[int]) -> Row:
    width, height = size_wh
    shown = [Shown(np.full((height, width, 3), shade, np.uint8), "words") for shade in shades]
    return Row(("0:01.00", "shot 1"), (0, 0, width, height), tuple(shown))


@pytest.mark.parametrize("count", [1, 4, 12])
def test_pictures_lie_in_their_cells_in_order(count: int) -> None:
    shades = [20 * n for n in range(count + 1)]
    rows = [_row((400, 400), shades), _row((200, 200), shades[::-1])]
    sheet = contact_sheet("a title", ["as it is", *["way"] * count], rows)
    for cells, row in zip(sheet.cells, rows, strict=True):
        for (x0, y0, x1, y1), shown in zip(cells, row.shown, strict=True):
            assert (sheet.pixels[y0:y1, x0:x1] == shown.picture[0, 0]).all()
    flat = [box for cells in sheet.cells for box in cells]
    assert len({box[:2] for box in flat}) == len(flat)
    assert sheet.pixels.shape[1] <= 3500


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("language", ["en", "de", "ja", "ar"])
def test_the_label_finds_a_place_where_it_covers_nothing(count: int, language: str) -> None:
    sheet = contact_sheet(
        "preview of a clip with a rather long name.mp4",
        ["as it is", *["swap_appearance, mouth source"] * count],
        [_row((300, 300), [90] * (count + 1))] * 3,
    )
    frame = Frame(sheet.pixels)
    label = Label("eu", language)
    ((made, covers),) = labelled(iter([frame]), label, {0: sheet.written}, Clip())
    assert not covers
    assert (made.pixels != frame.pixels).any()


def test_words_that_are_too_long_are_cut() -> None:
    rows = [_row((300, 300), [90, 90])]
    short = contact_sheet("t", ["as it is", "w" * 10], rows)
    long = contact_sheet("t", ["as it is", "w" * 400], rows)
    assert short.pixels.shape == long.pixels.shape


def test_a_legend_stands_at_the_foot_below_every_picture() -> None:
    rows = [_row((300, 300), [90, 90])] * 2
    plain, told = (contact_sheet("t", ["as it is", "w"], rows, legend=one) for one in ("", "green"))
    foot = max(box[3] for cells in told.cells for box in cells)
    assert told.cells == plain.cells
    assert len(told.pixels) > len(plain.pixels)
    assert np.array_equal(told.pixels[: len(plain.pixels)], plain.pixels)
    assert (told.pixels[foot:] < 128).any()
    assert told.written[0][3] == len(told.pixels)
