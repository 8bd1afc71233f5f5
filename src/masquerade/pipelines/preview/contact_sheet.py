"""Pictures side by side on one sheet: a row for each moment, a column for each alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.media.lettering import draw_words, width_px
from masquerade.types import RGB, Box, PixelBox

_PAPER: Final = (250, 250, 248)
_FAINT: Final = (120, 120, 130)
_RULE: Final = (222, 222, 218)
_GAP: Final = 12
_SIDE: Final = 148  # width of what stands left of a row
_LEAST_PX: Final = 300  # height of a cell
MOST_PX: Final = 560
_MOST_WIDE: Final = 3400
_PLATE: Final = 0.085  # of the sheet's mean side, kept free at the top for the label


@dataclass(frozen=True, slots=True)
class Shown:
    """What one column shows of a moment: (h, w, 3) uint8, and what is to be said of it."""

    picture: RGB
    caption: str


@dataclass(frozen=True, slots=True)
class Row:
    """One moment.

    Attributes:
        head: Lines that stand left of it.
        crop: What part of the frame its pictures show, in pixels.
        shown: The target, then each alternative; all of one size.
    """

    head: tuple[str, ...]
    crop: PixelBox
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn sheet.

    Attributes:
        pixels: (H, W, 3) uint8.
        cells: By row, where the picture of each column lies.
        written: Where words and pictures are, which the label must not cover.
    """

    pixels: RGB
    cells: tuple[tuple[PixelBox, ...], ...]
    written: tuple[Box, ...]


def contact_sheet(
    title: str, heads: Sequence[str], rows: Sequence[Row], *, legend: str = ""
) -> Sheet:
    """The sheet.

    Args:
        title: Stands above it all.
        heads: What each column shows, in words; as many as each row shows.
        rows: From top to bottom, at least one; their pictures have about one aspect.
        legend: Stands at the foot.
    """
    cell_wh = _cell_wh(rows, len(heads))
    columns = [_SIDE + number * (cell_wh[0] + _GAP) for number in range(len(heads))]
    width = columns[-1] + cell_wh[0] + _GAP
    size = int(np.clip(width / 130, 15, 28))
    step = cell_wh[1] + 2 * size + _GAP
    head_px = round(_PLATE * float(np.sqrt(width * (len(rows) * step + 4 * size)))) + _GAP
    top = head_px + 2 * size
    foot = 2 * size if legend else 0
    page = np.full((top + len(rows) * step + foot, width, 3), _PAPER, np.uint8)
    if legend:
        draw_words(page, legend, (_GAP, len(page) - size), size_px=size)
    draw_words(page, title, (_GAP, head_px / 2), size_px=round(size * 1.2))
    for x, words in zip(columns, heads, strict=True):
        fitting = _fitting(words, size, cell_wh[0])
        draw_words(
            page, fitting, (x + cell_wh[0] / 2, head_px + size), size_px=size, anchor="middle"
        )
    places: list[tuple[PixelBox, ...]] = []
    for number, row in enumerate(rows):
        y = top + number * step
        page[y - size // 4 - 2 : y - size // 4 - 1] = _RULE
        _side(page, row, y + size // 2, size)
        places.append(_cells(page, row, [(x, y) for x in columns], cell_wh, size))
    written = (
        (0.0, float(head_px), float(width), float(len(page))),
        _title_box(title, size, head_px),
    )
    return Sheet(page, tuple(places), written)


def _title_box(title: str, size: int, head_px: int) -> Box:
    return (0.0, 0.0, _GAP + width_px(title, round(size * 1.2)), float(head_px))


def _cells(
    page: RGB,
    row: Row,
    corners: Sequence[tuple[int, int]],
    cell_wh: tuple[int, int],
    size: int,
) -> tuple[PixelBox, ...]:
    found: list[PixelBox] = []
    for (x, y), shown in zip(corners, row.shown, strict=True):
        way = cv2.INTER_AREA if cell_wh[1] < len(shown.picture) else cv2.INTER_CUBIC
        fitting = cv2.resize(shown.picture, cell_wh, interpolation=way)
        page[y : y + cell_wh[1], x : x + cell_wh[0]] = fitting
        words = _fitting(shown.caption, size - 2, cell_wh[0])
        at = (x + cell_wh[0] / 2, y + cell_wh[1] + size * 0.85)
        draw_words(page, words, at, size_px=size - 2, colour=_FAINT, anchor="middle")
        found.append((x, y, x + cell_wh[0], y + cell_wh[1]))
    return tuple(found)


def _side(page: RGB, row: Row, y: int, size: int) -> None:
    for number, words in enumerate(row.head):
        at = (_SIDE - 2 * _GAP, y + number * size * 1.4)
        draw_words(page, words, at, size_px=size if number == 0 else size - 2, anchor="right")


def _fitting(words: str, size: int, most_px: float) -> str:
    """The words, cut where they would be too long."""
    if width_px(words, size) <= most_px:
        return words
    while words and width_px(words + "...", size) > most_px:
        words = words[:-1]
    return words + "..."


def _cell_wh(rows: Sequence[Row], columns: int) -> tuple[int, int]:
    """The size of all cells: that of the largest picture, as far as it makes sense on a sheet."""
    sizes = [row.shown[0].picture.shape for row in rows]
    aspect = max(width / height for height, width, _ in sizes)
    height = float(np.clip(max(size[0] for size in sizes), _LEAST_PX, MOST_PX))
    width = min(height * aspect, (_MOST_WIDE - _SIDE) / columns - _GAP)
    return round(width), round(width / aspect)
