"""Work that is done ahead of need, in a thread of its own: the next frames while one is in use."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from contextlib import closing, nullcontext
from contextvars import copy_context
from functools import partial
from queue import Empty, Queue
from typing import Final, TypeVar

T = TypeVar("T")

_TURN_S: Final = 0.5


class _Stopped(BaseException):
    """Nobody asks any more for what this thread makes; it never leaves the thread."""


class _Worker(threading.Thread):
    """Makes items until there are none left, or until it is `stopped`."""

    def __init__(self, items: Iterable[T], waiting: Queue[T | _End]) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self._work, self._context = partial(_fill, items, waiting, self.stopped), copy_context()

    def run(self) -> None:
        self._context.run(self._work)


class _End:
    """The last thing in the queue: how the items ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[T], count: int) -> Generator[T, None, None]:
    """The same items in the same order, made up to `count` ahead of where they are asked for.

    Pays where making an item and using it spend their time outside of Python, as decoders, encoders
    and OpenCV do. An error of the items is raised where the item would have come. When the iterator
    is closed early, the thread ends before the call returns, and the items are closed too; so are
    those that they in turn make ahead, even in the midst of making one.

    Args:
        items: Only the thread touches them from now on. Those of a generator are closed at the end.
        count: How many may wait, at least 1.

    Example:
        >>> list(ahead(range(4), 2))
        [0, 1, 2, 3]
    """
    waiting: Queue[T | _End] = Queue(maxsize=count)
    worker = _Worker(items, waiting)
    worker.start()
    try:
        while True:
            item = _next(waiting)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        worker.stopped.set()
        while worker.is_alive():
            _emptied(waiting)
            worker.join(0.01)


def _next(waiting: Queue[T | _End]) -> T | _End:
    """The next item; waiting in short turns, since Windows cannot interrupt a long one.

    Raises:
        _Stopped: The thread that asks works ahead itself, and is to end.
    """
    asking = threading.current_thread()
    while True:
        if isinstance(asking, _Worker) and asking.stopped.is_set():
            raise _Stopped
        try:
            return waiting.get(timeout=_TURN_S)
        except Empty:
            continue


def _fill(items: Iterable[T], waiting: Queue[T | _End], stopped: threading.Event) -> None:
    error: BaseException | None = None
    try:
        source = iter(items)
        with closing(source) if isinstance(source, Generator) else nullcontext():
            for item in source:
                waiting.put(item)
                if stopped.is_set():
                    break
    except BaseException as raised:  # handed on to whoever asks for the items
        error = raised
    waiting.put(_End(error))


def _emptied(waiting: Queue[T | _End]) -> None:
    """Room for a thread that waits to put something in."""
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        return
