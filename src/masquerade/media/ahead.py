"""Work that is done ahead of need, in a thread of its own: the next frames while one is in use."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Queue
from typing import Final, TypeVar

T = TypeVar("T")

_TURN_S: Final = 0.5


class _End:
    """The last thing in the queue: how the items ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(items: Iterable[T], count: int) -> Iterator[T]:
    """The same items in the same order, made up to `count` ahead of where they are asked for.

    Pays where making an item and using it spend their time outside of Python, as decoders, encoders
    and OpenCV do. An error of the items is raised where the item would have come. When the iterator
    is closed early, the thread ends before the call returns, and the items are closed too.

    Args:
        items: Only the thread touches them from now on.
        count: How many may wait, at least 1.

    Example:
        >>> list(ahead(range(4), 2))
        [0, 1, 2, 3]
    """
    waiting: Queue[T | _End] = Queue(maxsize=count)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, waiting, stopped), daemon=True)
    thread.start()
    try:
        while True:
            item = _next(waiting)
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        while thread.is_alive():
            _emptied(waiting)
            thread.join(0.01)


def _next(waiting: Queue[T | _End]) -> T | _End:
    """The next item; waiting in short turns, since Windows cannot interrupt a long one."""
    while True:
        try:
            return waiting.get(timeout=_TURN_S)
        except Empty:
            continue


def _fill(items: Iterable[T], waiting: Queue[T | _End], stopped: threading.Event) -> None:
    source = iter(items)
    error: BaseException | None = None
    try:
        for item in source:
            waiting.put(item)
            if stopped.is_set():
                break
    except BaseException as raised:  # handed on to whoever asks for the items
        error = raised
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
    waiting.put(_End(error))


def _emptied(waiting: Queue[T | _End]) -> None:
    """Room for a thread that waits to put something in."""
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        return
