"""A picture of what photos of one person show: views, expressions, light, sharpness, faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.coverage import PITCH_EDGES, YAW_EDGES, Coverage, Measures
from masquerade.types import RGB, Face

TILE: Final = 96
ACROSS: Final = 12
_MARGIN: Final = 24
_WIDTH: Final = TILE * ACROSS + 2 * _MARGIN
_INK: Final = (40, 40, 46)
_FAINT: Final = (140, 140, 150)
_PAPER: Final = (250, 250, 248)
_COLOUR: Final = (38, 110, 160)
_CELL: Final = 40
_BARS: Final = 24
# What is drawn as a row of bars: name, words, least and greatest value shown.
_ROWS: Final = (
    ("mouth", "mouth opening", 0.0, 0.5),
    ("eyes", "opening of the eyes", 0.0, 0.5),
    ("smile", "corners of the mouth", -0.3, 0.3),
    ("sharpness", "sharpness", 0.0, 30.0),
    ("face_px", "size of the face, px", 0.0, 600.0),
    ("brightness", "brightness", 0.0, 255.0),
)


def coverage_sheet(
    coverage: Coverage, measures: Sequence[Measures], thumbnails: Sequence[RGB]
) -> RGB:
    """(H, 1200, 3) uint8 the picture.

    Args:
        coverage: From `masquerade.faces.coverage.judge`.
        measures: One for each picture.
        thumbnails: (96, 96, 3) each, from `thumbnail`; as many as are to be shown.
    """
    head = _blank(470)
    pictures = "1 picture" if coverage.count == 1 else f"{coverage.count} pictures"
    _text(head, f"{pictures} of one person", (_MARGIN, 34), scale=0.75)
    _heat(head, coverage.heat, (120, 84))
    _light(head, measures, (230, 440))
    for place, row in enumerate(_ROWS):
        _bars(head, measures, row, (590 + 280 * (place % 2), 60 + 130 * (place // 2)))
    return np.vstack([head, _sentences(coverage.missing), _faces(thumbnails)])


def thumbnail(image: RGB, face: Face) -> RGB:
    """(96, 96, 3) the face with a little around it.

    Args:
        image: (H, W, 3) uint8.
        face: A face of it.
    """
    x0, y0, x1, y1 = face.box
    scale = TILE / (1.35 * max(face.size_px, 1.0))
    shift = [TILE / 2 - scale * (low + high) / 2 for low, high in ((x0, x1), (y0, y1))]
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    small = cv2.warpAffine(
        image, matrix, (TILE, TILE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(small, np.uint8)


def _blank(height: int) -> RGB:
    return np.full((height, _WIDTH, 3), _PAPER, np.uint8)


def _text(
    sheet: RGB,
    words: str,
    at: tuple[int, int],
    *,
    scale: float = 0.45,
    colour: tuple[int, int, int] = _INK,
) -> None:
    letters = words.encode("ascii", "replace").decode()
    cv2.putText(sheet, letters, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)


def _heat(sheet: RGB, heat: NDArray[np.int64], at: tuple[int, int]) -> None:
    """The table of views: yaw across, pitch down, darker where there are more pictures."""
    x0, y0 = at
    _text(sheet, "views: head turned left to right, up to down (degrees)", (_MARGIN, y0 - 14))
    most = max(1, int(heat.max()))
    for (row, column), count in np.ndenumerate(heat):
        x, y = x0 + column * _CELL, y0 + row * _CELL
        share = np.log1p(count) / np.log1p(most)
        fill = np.array(_PAPER) + share * (np.array(_COLOUR) - _PAPER)
        corner = (x + _CELL - 2, y + _CELL - 2)
        cv2.rectangle(sheet, (x, y), corner, tuple(fill.tolist()), -1)
        cv2.rectangle(sheet, (x, y), corner, (225, 225, 225), 1)
        if count:
            ink = (255, 255, 255) if share > 0.5 else _INK
            _text(sheet, str(count), (x + 6, y + 24), scale=0.38, colour=ink)
    for k, edge in enumerate(YAW_EDGES):
        place = (x0 + (k + 1) * _CELL - 12, y0 + len(heat) * _CELL + 14)
        _text(sheet, f"{edge:+.0f}", place, scale=0.36, colour=_FAINT)
    for k, edge in enumerate(PITCH_EDGES):
        place = (x0 - 34, y0 + (k + 1) * _CELL + 4)
        _text(sheet, f"{edge:+.0f}", place, scale=0.36, colour=_FAINT)
    _text(sheet, "up", (x0 - 80, y0 + 20), scale=0.4, colour=_FAINT)
    _text(sheet, "down", (x0 - 88, y0 + len(heat) * _CELL - 10), scale=0.4, colour=_FAINT)


def _light(sheet: RGB, measures: Sequence[Measures], at: tuple[int, int]) -> None:
    """A line on which every picture is a stroke: from where its light comes."""
    x0, y0 = at
    _text(sheet, "light from the left", (x0 - 206, y0 + 4), colour=_FAINT)
    _text(sheet, "right", (x0 + 240, y0 + 4), colour=_FAINT)
    cv2.line(sheet, (x0 - 60, y0), (x0 + 230, y0), (215, 215, 215), 1)
    for one in measures:
        x = round(x0 + 85 + 145 * float(np.clip(one.light[0] / 0.6, -1, 1)))
        cv2.line(sheet, (x, y0 - 8), (x, y0 + 8), _COLOUR, 1)


def _bars(
    sheet: RGB,
    measures: Sequence[Measures],
    row: tuple[str, str, float, float],
    at: tuple[int, int],
) -> None:
    """How many pictures there are of each value of one measure."""
    name, words, low, high = row
    x0, y0 = at
    values = np.clip([getattr(one, name) for one in measures], low, high)
    counts, _ = np.histogram(values, _BARS, (low, high))
    _text(sheet, words, (x0, y0 + 12))
    floor = y0 + 90
    for k, count in enumerate(counts):
        top = floor - round(66 * float(count) / max(1, int(counts.max())))
        x = x0 + 10 * k
        cv2.rectangle(sheet, (x, min(top, floor - bool(count))), (x + 7, floor), _COLOUR, -1)
    cv2.line(sheet, (x0, floor + 1), (x0 + 10 * _BARS, floor + 1), (200, 200, 200), 1)
    for value, x in ((low, x0), (high, x0 + 10 * _BARS - 24)):
        _text(sheet, f"{value:g}", (x, floor + 15), scale=0.36, colour=_FAINT)


def _sentences(missing: Sequence[str]) -> RGB:
    lines = [f"- {one}" for one in missing] or ["nothing is missing"]
    sheet = _blank(30 + 22 * len(lines))
    for k, words in enumerate(lines):
        _text(sheet, words, (_MARGIN, 24 + 22 * k), scale=0.5)
    return sheet


def _faces(thumbnails: Sequence[RGB]) -> RGB:
    if not thumbnails:
        return _blank(1)
    empty = np.full((TILE, TILE, 3), _PAPER, np.uint8)
    filled = [*thumbnails, *[empty] * (-len(thumbnails) % ACROSS)]
    rows = [np.hstack(filled[k : k + ACROSS]) for k in range(0, len(filled), ACROSS)]
    sheet = _blank(TILE * len(rows) + _MARGIN)
    sheet[:-_MARGIN, _MARGIN:-_MARGIN] = np.vstack(rows)
    return sheet
