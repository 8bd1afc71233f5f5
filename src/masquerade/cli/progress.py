"""Progress of long work on stderr: frames per second, time left, memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_LINE_EVERY_S = 10.0


class Progress:
    """A bar on a terminal, a line now and then elsewhere, nothing when `quiet`.

    Call it with (stage, done, total); `total` is None where it is not known.

    Example:
        >>> with Progress(quiet=True) as progress:
        ...     progress("frames", 1, 10)
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._tty = sys.stderr.isatty()
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._told: set[str] = set()
        self._before = 0
        self._began = self._printed = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._close()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Say how far `stage` is."""
        if self._quiet:
            return
        total = total or None
        if stage != self._stage:
            self._close()
            self._stage, self._before = stage, done  # what a run before did is not our speed
            self._began = time.monotonic()
        if self._tty:
            self._draw(done, total)
        elif time.monotonic() - self._printed >= _LINE_EVERY_S:
            self._printed = time.monotonic()
            print(self._words(done, total), file=sys.stderr)

    def tell(self, note: str) -> None:
        """Say a sentence on a line of its own."""
        if not self._quiet:
            self._close()
            self._stage = ""
            self._told.add(f"note: {note}")
            print(f"note: {note}", file=sys.stderr)

    def untold(self, lines: Iterable[str]) -> list[str]:
        """The lines of an account, without notes that the same terminal shows already."""
        shown = self._told if self._tty and sys.stdout.isatty() else frozenset()
        return [line for line in lines if line not in shown]

    def _draw(self, done: int, total: int | None) -> None:
        if self._bar is None:
            self._bar = _new_bar()
            self._task = self._bar.add_task(self._stage, total=total, completed=done, counts="")
            self._bar.start()
        assert self._task is not None
        counts = self._counts(done, total)
        self._bar.update(self._task, completed=done, total=total, counts=counts)

    def _words(self, done: int, total: int | None) -> str:
        counts = self._counts(done, total)
        return f"{self._stage}: {counts}" if done or total else f"{self._stage}, {counts}"

    def _counts(self, done: int, total: int | None) -> str:
        """What is known in figures; of a stage that counts nothing, the memory alone."""
        words = []
        if done or total:
            rate = self._rate(done)
            words = [f"{done} of {total}" if total else f"{done}", f"{rate:.1f}/s"]
            if total and rate:
                words.append(f"{_span(max(total - done, 0) / rate)} left")
        return ", ".join([*words, f"{_memory_mb():.0f} MB"])

    def _rate(self, done: int) -> float:
        return (done - self._before) / max(time.monotonic() - self._began, 1e-3)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None


def _span(seconds: float) -> str:
    """A time in the unit that a person would say it in."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _memory_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def _new_bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column

    stage = Column(no_wrap=True, max_width=28, overflow="ellipsis")
    return RichProgress(
        TextColumn("{task.description}", table_column=stage),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[counts]}"),
        console=Console(stderr=True),
        transient=True,
    )
