"""The losses of a training as they came: a table, a picture of the curves, TensorBoard's files."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.train.checkpoint import write_whole
from masquerade.train.trainer import Losses

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_ROW_S: Final = 20.0  # between two rows at most
_ROW_STEPS: Final = 100
_SIZE_WH: Final = (960, 480)
_EDGE: Final = (70, 30)
_INK: Final = {
    "source": (200, 110, 30),
    "target": (60, 140, 60),
    "critic": (120, 120, 120),
    "dssim_source": (40, 60, 200),
    "dssim_target": (150, 60, 170),
}  # blue, green, red, as OpenCV has it


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


def write_history(folder: Path, entries: Sequence[Entry]) -> None:
    """``losses.csv`` and ``losses.png`` in a folder.

    Raises:
        OutputError: They cannot be written.
    """
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([one.name for one in fields(Entry)])
    rows.writerows([astuple(one) for one in entries])
    write_whole(folder / "losses.csv", lambda fresh: fresh.write_text(text.getvalue(), "utf-8"))
    if len(entries) > 1:
        _, packed = cv2.imencode(".png", curves(entries))
        data = np.asarray(packed, np.uint8).tobytes()
        write_whole(folder / "losses.png", lambda fresh: fresh.write_bytes(data))


def read_history(folder: Path, *, until: int) -> list[Entry]:
    """The rows of a folder up to an iteration; none where there is no table that can be read."""
    try:
        with (folder / "losses.csv").open(encoding="utf-8", newline="") as file:
            rows = [[float(value) for value in row] for row in list(csv.reader(file))[1:]]
        entries = [Entry(int(row[0]), *row[1:]) for row in rows]
    except (OSError, ValueError, TypeError, IndexError):
        return []
    return [one for one in entries if one.step <= until]


def curves(entries: Sequence[Entry]) -> NDArray[np.uint8]:
    """(480, 960, 3) uint8 BGR: each loss over the iterations, on a logarithmic scale."""
    width, height = _SIZE_WH
    page = np.full((height, width, 3), 250, np.uint8)
    steps = np.array([one.step for one in entries], np.float64)
    rows = {name: np.array([getattr(one, name) for one in entries]) for name in _INK}
    known = {name: (row > 0) & np.isfinite(row) for name, row in rows.items()}
    shown = [rows[name][some] for name, some in known.items() if some.any()]
    if not shown or steps[-1] <= 0:
        return page
    values = np.concatenate(shown)
    low, high = math.floor(math.log10(values.min())), math.ceil(math.log10(values.max()))
    high = max(high, low + 1)
    left, top = _EDGE

    def place(step: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.int32]:
        across = left + step / steps[-1] * (width - left - 20)
        down = top + (high - np.log10(value)) / (high - low) * (height - 2 * top)
        return np.round(np.stack([across, down], axis=1)).astype(np.int32)

    for power in range(low, high + 1):
        at = place(np.zeros(1), np.array([10.0**power]))[0]
        cv2.line(page, (left, int(at[1])), (width - 20, int(at[1])), (222, 222, 222))
        _say(page, f"1e{power}", (10, int(at[1]) + 5), (90, 90, 90))
    for number, (name, ink) in enumerate(_INK.items()):
        if known[name].any():
            line = place(steps[known[name]], rows[name][known[name]])
            cv2.polylines(page, [line], False, ink, 2, cv2.LINE_AA)
            _say(page, name, (left + 150 * number, 20), ink)
    _say(page, f"{int(steps[-1])} iterations", (width - 200, height - 8), (90, 90, 90))
    return page


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


def _say(
    page: NDArray[np.uint8], words: str, at: tuple[int, int], ink: tuple[int, int, int]
) -> None:
    cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, 1, cv2.LINE_AA)
