"""A swap's measurements as one picture: faces before and after, numbers, and curves over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import OutputError
from masquerade.evaluate.report import Line, SwapReport
from masquerade.types import RGB

_TILE: Final = 256
_WIDTH: Final = _TILE * 6
_PLOT_WH: Final = (_WIDTH // 2, 200)
_INK: Final = (40, 40, 40)
_COLOURS: Final = ((200, 70, 40), (40, 90, 200))
_MOST_LINES: Final = 4
_NAMES: Final = {
    "frames": "frames measured",
    "identity_retrieval": "nearest to the source (share)",
    "other_people": "among other people",
    "distance_to_source": "distance to the source",
    "distance_to_target": "distance to the target's person",
    "share_within_0.6_of_target": "still the target's person (share)",
    "pose_error_deg": "head pose error, degrees",
    "expression_error": "expression error, eye distances",
    "motion_error": "the same, of movement alone",
    "eyes_correlation": "eyes open together (correlation)",
    "blinks_kept": "blinks kept (share)",
    "flicker_ratio": "flicker, times the target's",
    "sharpness_ratio": "fine detail, times the target's",
    "faces_unchanged": "faces left as they were",
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of a plot."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def table(report: SwapReport) -> list[tuple[str, str]]:
    """(what, how much) of every measurement, in words; a dash where nothing could be measured."""
    return [
        (_NAMES[name], "-" if value is None else f"{value:g}")
        for name, value in report.numbers().items()
    ]


def sheet(report: SwapReport) -> RGB:
    """(h, 1536, 3) uint8: source and numbers, then the faces and curves of each line.

    Args:
        report: From `evaluate_swap`; its first four lines are shown.
    """
    parts = [_head(report)]
    for line in report.lines[:_MOST_LINES]:
        parts += [_faces(line), _plots(line)]
    return np.vstack(parts)


def png(picture: RGB) -> bytes:
    """The picture as a PNG file.

    Args:
        picture: (H, W, 3) uint8 RGB.

    Raises:
        OutputError: It cannot be encoded.
    """
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise OutputError("the picture of the measurements cannot be encoded")
    return data.tobytes()


def _head(report: SwapReport) -> RGB:
    rows = table(report)
    page = np.full((28 * (len(rows) + 3) // 2 + 40, _WIDTH, 3), 255, np.uint8)
    side = min(_TILE - 16, page.shape[0] - 36)
    page[28 : 28 + side, 8 : 8 + side] = cv2.resize(report.source, (side, side))
    _write(page, "source", (8, 20))
    title = "Masquerade: a swap measured. Faces of the lower rows are AI MODIFIED"
    _write(page, title, (_TILE + 8, 20))
    half = (len(rows) + 1) // 2
    for number, (name, value) in enumerate(rows):
        column, row = divmod(number, half)
        at = (_TILE + 8 + column * 640, 56 + 28 * row)
        _write(page, name, at)
        _write(page, value, (at[0] + 440, at[1]))
    return page


def _faces(line: Line) -> RGB:
    """Target above, output below."""
    page = np.full((2 * _TILE, _WIDTH, 3), 255, np.uint8)
    for number, (before, after) in enumerate(line.shown):
        left = (number + 1) * _TILE
        page[:_TILE, left : left + _TILE] = before
        page[_TILE:, left : left + _TILE] = after
    _write(page, "before", (8, _TILE // 2))
    _write(page, "after", (8, _TILE + _TILE // 2))
    _write(page, f"from {line.times_s[0]:.2f} s", (8, _TILE // 2 + 28))
    _write(page, f"to {line.times_s[-1]:.2f} s", (8, _TILE // 2 + 52))
    return page


def _plots(line: Line) -> RGB:
    x = line.times_s
    plots = (
        (
            Curve("to the source", x, line.to_source.astype(np.float64)),
            Curve("to the target (one person: below 0.6)", x, line.to_target.astype(np.float64)),
        ),
        (Curve("target's eyes", x, line.opened[:, 0]), Curve("output's", x, line.opened[:, 1])),
        (Curve("head pose error, degrees", x, line.pose_deg),),
        (Curve("expression error, eye distances", x, line.expression),),
    )
    drawn = [plot(curves, _PLOT_WH) for curves in plots]
    return np.vstack([np.hstack(drawn[:2]), np.hstack(drawn[2:])])


def plot(curves: Sequence[Curve], size_wh: tuple[int, int]) -> RGB:
    """A small plot with 0 at its foot.

    Args:
        curves: All with the same x.
        size_wh: Width and height in pixels.
    """
    width, height = size_wh
    page = np.full((height, width, 3), 255, np.uint8)
    left, right, top, foot = 56, width - 12, 34, height - 22
    most = max(float(np.max(curve.y)) for curve in curves) * 1.1 or 1.0
    cv2.line(page, (left, foot), (right, foot), _INK, 1)
    cv2.line(page, (left, foot), (left, top), _INK, 1)
    _write(page, f"{most:.3g}", (4, top + 8))
    _write(page, "0", (36, foot))
    for number, curve in enumerate(curves):
        span = max(float(np.ptp(curve.x)), 1e-6)
        across = left + (curve.x - curve.x[0]) / span * (right - left)
        up = foot - np.clip(curve.y / most, 0, 1) * (foot - top)
        points = np.rint(np.stack([across, up], axis=1)).astype(np.int32)
        cv2.polylines(page, [points], False, _COLOURS[number], 2, cv2.LINE_AA)
        if len(points) == 1:
            cv2.circle(page, (int(points[0, 0]), int(points[0, 1])), 3, _COLOURS[number], -1)
        _write(page, curve.name, (left + 8 + 240 * number, 22), _COLOURS[number])
    return page


def _write(page: RGB, words: str, at: tuple[int, int], colour: tuple[int, int, int] = _INK) -> None:
    cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.55, colour, 1, cv2.LINE_AA)
