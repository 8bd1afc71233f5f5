"""Pieces over processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any, Final, TypeVar

from masquerade.distributed.answer import RETRIES, Answer, Asked, answer, given_by
from masquerade.errors import MasqueradeError, UsageError
from masquerade.types import Resources

What = TypeVar("What")
One = TypeVar("One")
Given = TypeVar("Given")

MOST: Final = 256
_SPARE: Final = 1  # finished pieces that wait
_ORPHANED: Final = 3


class LocalExecutor:
    """Does pieces in processes of its own.

    Args:
        processes: How many.

    Raises:
        UsageError: Not between 1 and `MOST`.
    """

    def __init__(self, processes: int) -> None:
        if not 1 <= processes <= MOST:
            raise UsageError(f"{processes} processes", f"1 to {MOST}")
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def each(
        self,
        opener: Callable[[What], Callable[[One], Given]],
        asked: What,
        ones: Sequence[One],
        *,
        resources: Resources,  # noqa: ARG002  processes of one machine share what it has
    ) -> Iterator[Given]:
        """See `masquerade.pipelines.executor.Executor`."""
        job, left, lost = Asked(opener, asked), deque(ones), 0
        begun: deque[tuple[One, Future[Answer[Any]]]] = deque()
        try:
            while left or begun:
                try:
                    while left and len(begun) < self._processes + _SPARE:
                        begun.append((left[0], self._open().submit(answer, job, left[0])))
                        left.popleft()
                    told = begun[0][1].result()
                except BrokenProcessPool as error:
                    lost += 1
                    if lost > RETRIES:
                        raise _gave_up(lost) from error
                    left.extendleft(one for one, _ in reversed(begun))
                    begun.clear()
                    self.close()
                    continue
                begun.popleft()
                yield given_by(told)
        finally:
            for _, future in begun:
                future.cancel()

    def close(self) -> None:
        """Ends the processes; pieces that are under way are given up."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            with suppress(ValueError):  # closed by the pool meanwhile
                process.terminate()
                process.join()

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=context, initializer=_end_with_parent
            )
        return self._pool


def _end_with_parent() -> None:
    """Ends this process with the one that began it, however that one ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_ended, args=(parent.sentinel,), daemon=True).start()


def _ended(sentinel: int) -> None:
    wait([sentinel])
    os._exit(_ORPHANED)


def _gave_up(lost: int) -> MasqueradeError:
    return MasqueradeError(
        f"processes at work died {lost} times",
        "memory enough for this work",
        "free some, or take fewer processes; the same command goes on from what is finished",
    )
