"""A swap's measurements as one picture: faces before and after, numbers, and curves over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import OutputError
from masquerade.evaluate.report import Line, SwapReport
from masquerade.faces.embed import SAME_PERSON
from masquerade.types import RGB

_TILE: Final = 256
_WIDTH: Final = _TILE * 6
_PLOT_WH: Final = (_WIDTH // 3, 200)
_INK: Final = (40, 40, 40)
_FAINT: Final = (150, 150, 150)
_MISSED: Final = (190, 30, 30)
_COLOURS: Final = ((200, 70, 40), (40, 90, 200))
_MOST_LINES: Final = 4
_SIGNIFICANT: Final = 3
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_LETTERS: Final = 0.55
# What each is called, when it is good, and the bounds that Masquerade's own swaps are held to.
_NAMES: Final[Mapping[str, tuple[str, str, Callable[[float], bool] | None]]] = {
    "frames": ("frames measured", "", None),
    "identity_retrieval": (
        "nearest to the source (share)",
        "0.985 or more",
        lambda share: share >= 0.985,
    ),
    "other_people": ("among other people", "", None),
    "distance_to_source": (
        "distance to the source",
        "low; one person: below 0.6",
        lambda apart: apart < SAME_PERSON,
    ),
    "distance_to_target": (
        "distance to the target's person",
        "above 0.6",
        lambda apart: apart > SAME_PERSON,
    ),
    "share_within_0.6_of_target": (
        "still the target's person (share)",
        "0.02 or less",
        lambda share: share <= 0.02,
    ),
    "pose_error_deg": ("head pose error, degrees", "below 1.5", lambda error: error < 1.5),
    "expression_error": (
        "expression error, eye distances",
        "below 0.015",
        lambda error: error < 0.015,
    ),
    "motion_error": ("the same, of movement alone", "low", None),
    "eyes_correlation": ("eyes open together (correlation)", "1", None),
    "blinks_kept": ("blinks kept (share)", "1", None),
    "flicker_ratio": ("flicker, times the target's", "below 1.08", lambda ratio: ratio < 1.08),
    "sharpness_ratio": ("fine detail, times the target's", "about 1; less is soft", None),
    "faces_unchanged": ("faces left as they were", "", None),
    "frames_unchanged": ("frames left as they were", "", None),
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of a plot."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement in words.

    Attributes:
        name: What was measured.
        value: How much; a dash where there was nothing.
        good: What is good; empty where nothing is better.
        missed: Whether a bound was not reached.
    """

    name: str
    value: str
    good: str
    missed: bool


def table(report: SwapReport) -> list[Row]:
    """Every measurement, in words."""
    found = []
    for name, value in report.numbers().items():
        words, good, holds = _NAMES[name]
        missed = holds is not None and value is not None and not holds(value)
        found.append(Row(words, _value(value), good, missed))
    return found


def worst(report: SwapReport) -> list[str]:
    """Where to look first: when the face is least the source's, turned or shaped least alike."""
    said = []
    for name, words, most in (
        ("to_source", "least like the source, distance", np.argmax),
        ("pose_deg", "head furthest from the target's, degrees", np.argmax),
        ("expression", "expression furthest from the target's", np.argmax),
        ("sharpness", "softest, fine detail times the target's", np.argmin),
    ):
        values = np.concatenate([getattr(line, name) for line in report.lines])
        times_s = np.concatenate([line.times_s for line in report.lines])
        at = int(most(values))
        said.append(f"{words}: {_value(float(values[at]))} at {times_s[at]:.2f} s")
    return said


def _value(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.{_SIGNIFICANT}g}"


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
    for number, row in enumerate(rows):
        column, place = divmod(number, half)
        at = (_TILE + 8 + column * 640, 56 + 28 * place)
        _write(page, row.name, at)
        _write(page, row.value, (at[0] + 310, at[1]), _MISSED if row.missed else _INK)
        if row.good:
            good = f"good: {row.good}"
            _write(page, good, (at[0] + 390, at[1]), _MISSED if row.missed else _FAINT)
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
            Curve("to the target's person", x, line.to_target.astype(np.float64)),
        ),
        (Curve("target's eyes", x, line.opened[:, 0]), Curve("output's", x, line.opened[:, 1])),
        (Curve("fine detail, times the target's", x, line.sharpness),),
        (Curve("head pose error, degrees", x, line.pose_deg),),
        (Curve("expression error, eye distances", x, line.expression),),
    )
    levels = (SAME_PERSON, None, 1.0, None, None)
    drawn = [
        plot(curves, _PLOT_WH, level=level) for curves, level in zip(plots, levels, strict=True)
    ]
    page = np.full((2 * _PLOT_WH[1], _WIDTH, 3), 255, np.uint8)
    for number, one in enumerate(drawn):
        row, column = divmod(number, 3)
        top, left = row * _PLOT_WH[1], column * _PLOT_WH[0]
        page[top : top + _PLOT_WH[1], left : left + _PLOT_WH[0]] = one
    return page


def plot(curves: Sequence[Curve], size_wh: tuple[int, int], *, level: float | None = None) -> RGB:
    """A small plot with 0 at its foot.

    Args:
        curves: All with the same x, in seconds.
        size_wh: Width and height in pixels.
        level: Where a faint line is drawn, to hold the curves against.
    """
    width, height = size_wh
    page = np.full((height, width, 3), 255, np.uint8)
    left, right, top, foot = 56, width - 12, 34, height - 22
    most = max(float(np.max(curve.y)) for curve in curves) * 1.1 or 1.0
    cv2.line(page, (left, foot), (right, foot), _INK, 1)
    cv2.line(page, (left, foot), (left, top), _INK, 1)
    _write(page, f"{most:.3g}", (4, top + 8))
    _write(page, "0", (36, foot))
    _write(page, f"{curves[0].x[-1]:.1f} s", (right - 56, height - 4), _FAINT)
    if level is not None and level <= most:
        height_at = round(foot - level / most * (foot - top))
        cv2.line(page, (left, height_at), (right, height_at), _FAINT, 1)
        _write(page, f"{level:g}", (right - 30, height_at - 4), _FAINT)
    after = left + 8
    for number, curve in enumerate(curves):
        span = max(float(np.ptp(curve.x)), 1e-6)
        across = left + (curve.x - curve.x[0]) / span * (right - left)
        up = foot - np.clip(curve.y / most, 0, 1) * (foot - top)
        points = np.rint(np.stack([across, up], axis=1)).astype(np.int32)
        cv2.polylines(page, [points], False, _COLOURS[number], 2, cv2.LINE_AA)
        if len(points) == 1:
            cv2.circle(page, (int(points[0, 0]), int(points[0, 1])), 3, _COLOURS[number], -1)
        _write(page, curve.name, (after, 22), _COLOURS[number])
        after += cv2.getTextSize(curve.name, _FONT, _LETTERS, 1)[0][0] + 24
    return page


def _write(page: RGB, words: str, at: tuple[int, int], colour: tuple[int, int, int] = _INK) -> None:
    cv2.putText(page, words, at, _FONT, _LETTERS, colour, 1, cv2.LINE_AA)
