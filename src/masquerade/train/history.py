"""The losses of a training as they came: a table, a picture of the curves, TensorBoard's files."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.media.lettering import draw_words, width_px
from masquerade.train.checkpoint import write_whole
from masquerade.train.contest import Losses
from masquerade.train.schedule import PHASES, Phase, begins

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_ROW_S: Final = 20.0  # between two rows at most
_ROW_STEPS: Final = 100
_SIZE_WH: Final = (960, 480)
_EDGE: Final = (70, 40)
_LETTERS_PX: Final = 14
_PAPER: Final = 250
_GRID: Final = (222, 222, 222)
_FAINT: Final = (120, 120, 126)
_CURVES: Final = {
    "source": ("loss, source", (30, 110, 200)),
    "target": ("loss, target", (60, 140, 60)),
    "critic": ("loss, critic", (120, 120, 120)),
    "dssim_source": ("DSSIM held out, source", (200, 60, 40)),
    "dssim_target": ("DSSIM held out, target", (170, 60, 150)),
}

_Place = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: means over the iterations since the row before.

    Attributes:
        step: Iterations done.
        seconds: Spent so far.
        source: Loss of the source's faces.
        target: Of the target's.
        critic: Of the critic; 0 before its phase.
        dssim_source: Of faces never trained on, in [0, 1]; NaN where not checked.
        dssim_target: The same of the target's.
        stalled: Share of the time in which the device waited for pictures.
    """

    step: int
    seconds: float
    source: float
    target: float
    critic: float = 0.0
    dssim_source: float = math.nan
    dssim_target: float = math.nan
    stalled: float = 0.0


@dataclass(slots=True)
class Row:
    """Losses that are gathered for one row.

    Attributes:
        began: When it began, by the clock that never goes back.
        waited_s: How long the device had waited for pictures until then.
        losses: Of the iterations so far.
    """

    began: float
    waited_s: float
    losses: list[Losses] = field(default_factory=list)

    @property
    def is_due(self) -> bool:
        """Whether it is long enough to be written."""
        return len(self.losses) >= _ROW_STEPS or time.monotonic() - self.began > _ROW_S

    def ended(self, step: int, seconds: float, waited_s: float) -> Entry:
        """The row of a table.

        Args:
            step: Iterations done.
            seconds: Spent so far.
            waited_s: How long the device has waited for pictures in all.
        """
        count, spent = len(self.losses), time.monotonic() - self.began
        return Entry(
            step=step,
            seconds=seconds,
            source=sum(one.source for one in self.losses) / count,
            target=sum(one.target for one in self.losses) / count,
            critic=sum(one.critic for one in self.losses) / count,
            stalled=(waited_s - self.waited_s) / max(spent, 1e-9),
        )


def write_history(
    folder: Path,
    entries: Sequence[Entry],
    *,
    iterations: int = 0,
    phases: Sequence[Phase] = PHASES,
) -> None:
    """``losses.csv`` and ``losses.png`` in a folder.

    Args:
        folder: Of the training.
        entries: Its rows.
        iterations: Of the whole training, where known.
        phases: Of its schedule.

    Raises:
        OutputError: They cannot be written.
    """
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([one.name for one in fields(Entry)])
    rows.writerows([astuple(one) for one in entries])
    write_whole(folder / "losses.csv", lambda fresh: fresh.write_text(text.getvalue(), "utf-8"))
    if len(entries) > 1:
        page = cv2.cvtColor(
            curves(entries, iterations=iterations, phases=phases), cv2.COLOR_RGB2BGR
        )
        _, packed = cv2.imencode(".png", page)
        data = np.asarray(packed, np.uint8).tobytes()
        write_whole(folder / "losses.png", lambda fresh: fresh.write_bytes(data))


def read_history(folder: Path, *, until: int) -> list[Entry]:
    """The rows of a folder up to an iteration; none where there is no table that can be read."""
    try:
        with (folder / "losses.csv").open(encoding="utf-8", newline="") as file:
            rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
        entries = [Entry(int(row[0]), *row[1:]) for row in rows]
    except (OSError, ValueError, TypeError, IndexError, csv.Error):
        return []
    return [one for one in entries if one.step <= until]


def curves(
    entries: Sequence[Entry], *, iterations: int = 0, phases: Sequence[Phase] = PHASES
) -> NDArray[np.uint8]:
    """(480, 960, 3) uint8 RGB: each loss over the iterations, on a logarithmic scale.

    Args:
        entries: Rows of the history, at least one.
        iterations: Of the whole training, where the borders of its phases are to be shown.
        phases: Of its schedule.
    """
    width, height = _SIZE_WH
    page = np.full((height, width, 3), _PAPER, np.uint8)
    steps = np.array([one.step for one in entries], np.float64)
    rows = {name: np.array([getattr(one, name) for one in entries]) for name in _CURVES}
    known = {name: (row > 0) & np.isfinite(row) for name, row in rows.items()}
    shown = [rows[name][some] for name, some in known.items() if some.any()]
    if not shown or steps[-1] <= 0:
        return page
    marks = _marks(float(min(map(np.min, shown))), float(max(map(np.max, shown))))
    low, high = math.log10(marks[0]), math.log10(marks[-1])
    left, top = _EDGE

    def place(step: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.int32]:
        across = left + step / steps[-1] * (width - left - 20)
        down = top + (high - np.log10(value)) / (high - low) * (height - 2 * top)
        return np.round(np.stack([across, down], axis=1)).astype(np.int32)

    for mark in marks:
        y = int(place(np.zeros(1), np.array([mark]))[0, 1])
        cv2.line(page, (left, y), (width - 20, y), _GRID)
        draw_words(page, f"{mark:g}", (left - 10, y), size_px=_LETTERS_PX, anchor="right")
    marked = [
        (one.name, begins(one.name, iterations, phases))
        for one in phases[1:]
        if not one.critic or known["critic"].any()
    ]
    _draw_phases(page, place, marked, int(steps[-1]))
    after = float(left)
    for name, (words, ink) in _CURVES.items():
        if known[name].any():
            line = place(steps[known[name]], rows[name][known[name]])
            cv2.polylines(page, [line], False, ink, 2, cv2.LINE_AA)
            for point in line.tolist() if name.startswith("dssim") else ():
                cv2.circle(page, point, 4, ink, -1, cv2.LINE_AA)
            draw_words(page, words, (after, 18), size_px=_LETTERS_PX, colour=ink)
            after += width_px(words, _LETTERS_PX) + 28
    words = f"{int(steps[-1]):,} iterations"
    draw_words(page, words, (width - 20, 18), size_px=_LETTERS_PX, anchor="right")
    return page


def _marks(least: float, most: float) -> list[float]:
    """Steps of 1, 2 and 5 that enclose some values."""
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    steps = [first * 10.0**power for power in powers for first in (1, 2, 5)]
    first = max((one for one in steps if one <= least), default=steps[0])
    last = next(one for one in steps if one >= most and one > first)
    return [one for one in steps if first <= one <= last]


def _draw_phases(
    page: NDArray[np.uint8], place: _Place, phases: Sequence[tuple[str, int]], until: int
) -> None:
    """Where each phase of the schedule begins, given by name and iteration."""
    _, top = _EDGE
    height, width = page.shape[:2]
    for name, begun in phases:
        if 0 < begun < until:
            x = int(place(np.array([float(begun)]), np.ones(1))[0, 0])
            cv2.line(page, (x, top), (x, height - top), _GRID)
            if x + 4 + width_px(name, _LETTERS_PX) < width:
                at = (x + 4, height - top + 14)
                draw_words(page, name, at, size_px=_LETTERS_PX, colour=_FAINT)


def open_tensorboard(folder: Path) -> SummaryWriter:
    """The writer of TensorBoard's files.

    Raises:
        UsageError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(
            f"--tensorboard, yet it is not installed ({error})",
            "the package tensorboard",
            "`pip install tensorboard`, or leave --tensorboard out: losses.csv holds the same",
        ) from error
    return SummaryWriter(str(folder / "tensorboard"))
