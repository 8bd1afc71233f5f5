"""Pictures for reports: curves, heat maps, strips of what was seen. None of them is evidence alone.

All are PNG, made from the examined file's own pixels and from measured figures; the same input
gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import OutputError
from masquerade.media.lettering import draw_words, width_px
from masquerade.types import RGB, PixelBox

HEAT_CAPTION: Final = "Not evidence alone: ordinary pictures light up too."
_PLOT_WH: Final = (760, 290)
_HEAT_PX: Final = 560
_TILE_PX: Final = 150
_MOST_TILES: Final = 8
_INK: Final = (40, 40, 46)
_FAINT: Final = (190, 190, 198)
_COLOURS: Final = ((32, 92, 190), (200, 84, 32), (46, 132, 74), (140, 70, 150))
_LETTERS_PX: Final = 23
_MARGINS: Final = (88, 46, 24, 52)  # left, top, right, foot
_HOT: Final = np.array([[255, 221, 87], [240, 120, 40], [176, 16, 48]], np.float32)


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of a plot: its name, and (n,) places and values, some of which may be NaN.

    One without a name has the colour of the one before.
    """

    name: str
    x: NDArray[np.floating]
    y: NDArray[np.floating]


def png(picture: RGB) -> bytes:
    """The picture as a PNG file.

    Args:
        picture: (H, W, 3) uint8.

    Raises:
        OutputError: It cannot be encoded.
    """
    done, data = cv2.imencode(".png", picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 7])
    if not done:
        raise OutputError("a picture of the report cannot be encoded")
    return data.tobytes()


def plot(
    curves: Sequence[Curve], *, across: str, level: float | None = None, level_name: str = ""
) -> bytes:
    """Curves over a common axis, as PNG.

    Args:
        curves: At least one, with at least one point.
        across: What the axis below is, with its unit.
        level: Where a line is drawn across, to hold the curves against.
        level_name: What that line is.
    """
    width, height = _PLOT_WH
    left, top, right, foot = _MARGINS
    page = np.full((height, width, 3), 255, np.uint8)
    x = np.concatenate([np.asarray(one.x, np.float64) for one in curves])
    y = np.concatenate([np.asarray(one.y, np.float64) for one in curves])
    y = np.append(y[np.isfinite(y)], [] if level is None else [level])
    low, high = _range(y)
    span = max(float(x.max() - x.min()), 1e-9)

    def place(one_x: NDArray[np.floating], one_y: NDArray[np.floating]) -> NDArray[np.int32]:
        px = left + (np.asarray(one_x, np.float64) - x.min()) / span * (width - left - right)
        py = height - foot - (one_y - low) / (high - low) * (height - top - foot)
        return np.asarray(np.rint(np.stack([px, py], axis=1) * 16), np.int32)

    _axes(page, (low, high), (float(x.min()), float(x.max())), across)
    if level is not None:
        ends = place(np.array([x.min(), x.max()]), np.array([level, level]))
        cv2.polylines(page, [ends], False, _FAINT, 2, cv2.LINE_AA, 4)
        at = (width - right - 4, ends[0, 1] / 16 - _LETTERS_PX * 0.6)
        draw_words(
            page, level_name, at, size_px=_LETTERS_PX - 3, colour=(120, 120, 128), anchor="right"
        )
    after = float(left)
    named = -1
    for one in curves:
        named += bool(one.name)  # one without a name goes with the one before
        colour = _COLOURS[max(named, 0) % len(_COLOURS)]
        for run in _runs(np.isfinite(one.y)):
            points = place(one.x[run], np.asarray(one.y)[run])
            cv2.polylines(page, [points], False, colour, 2, cv2.LINE_AA, 4)
            if len(points) == 1:
                cv2.circle(page, tuple(points[0].tolist()), 48, colour, -1, cv2.LINE_AA, 4)
        draw_words(page, one.name, (after, top / 2), size_px=_LETTERS_PX, colour=colour)
        after += width_px(one.name, _LETTERS_PX) + 28
    return png(page)


def heat(picture: RGB, level: NDArray[np.floating], *, box: PixelBox | None = None) -> bytes:
    """A picture in grey under a map of where a signal reacts, as PNG.

    Args:
        picture: (H, W, 3) uint8.
        level: (h, w) in [0, 1], stretched over the picture.
        box: Drawn around what is meant, in pixels of the picture.
    """
    scale = min(1.0, _HEAT_PX / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    base = np.repeat(grey[..., None].astype(np.float32) * 0.75 + 40, 3, axis=2)
    some = np.clip(np.asarray(level, np.float32), 0, 1)
    hot = np.clip(cv2.resize(some, size, interpolation=cv2.INTER_LINEAR), 0, 1)
    steps = np.linspace(0, 1, len(_HOT))
    colour = np.stack([np.interp(hot, steps, _HOT[:, part]) for part in range(3)], axis=2)
    page = base + (colour - base) * np.minimum(hot[..., None] * 1.2, 0.85)
    drawn = np.ascontiguousarray(np.clip(np.rint(page), 0, 255).astype(np.uint8))
    if box is not None:
        x0, y0, x1, y1 = (round(value * scale) for value in box)
        cv2.rectangle(drawn, (x0, y0), (x1, y1), (20, 90, 220), 2)
    return png(drawn)


def strip(pictures: Sequence[RGB], words: Sequence[str]) -> bytes:
    """Up to eight pictures in a row, each with a word below, as PNG.

    Args:
        pictures: (H, W, 3) uint8 each.
        words: One for each.
    """
    tiles = []
    for picture, said in list(zip(pictures, words, strict=True))[:_MOST_TILES]:
        scale = _TILE_PX / picture.shape[0]
        size = (max(24, min(round(picture.shape[1] * scale), 3 * _TILE_PX)), _TILE_PX)
        tile = np.full((_TILE_PX + 30, size[0] + 6, 3), 255, np.uint8)
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        tile[:_TILE_PX, : size[0]] = cv2.resize(picture, size, interpolation=way)
        draw_words(tile, said, (size[0] / 2, _TILE_PX + 15), size_px=17, anchor="middle")
        tiles.append(tile)
    return png(np.hstack(tiles))


def _range(y: NDArray[np.float64]) -> tuple[float, float]:
    """Ends of the upright axis: all values, with a little room."""
    low, high = (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room


def _axes(page: RGB, upright: tuple[float, float], flat: tuple[float, float], across: str) -> None:
    height, width = page.shape[:2]
    left, top, right, foot = _MARGINS
    cv2.line(page, (left, height - foot), (width - right, height - foot), _FAINT, 2)
    cv2.line(page, (left, height - foot), (left, top), _FAINT, 2)
    size_px = _LETTERS_PX - 3
    for value, y in ((upright[1], top + 4), (upright[0], height - foot - 4)):
        draw_words(page, f"{value:.3g}", (left - 6, y), size_px=size_px, anchor="right")
    y = height - foot / 2 - 4
    draw_words(page, f"{flat[0]:.3g}", (left, y), size_px=size_px)
    draw_words(page, f"{flat[1]:.4g}", (width - right, y), size_px=size_px, anchor="right")
    draw_words(page, across, ((left + width - right) / 2, y), size_px=size_px, anchor="middle")


def _runs(good: NDArray[np.bool_]) -> list[slice]:
    """Stretches of values that are there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
