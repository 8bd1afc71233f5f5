import threading
import time
from _thread import interrupt_main
from collections.abc import Iterator
from itertools import islice

import pytest

from masquerade.media.ahead import ahead


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(50)), 3)) == list(range(50))


def test_an_error_comes_where_its_item_would_have() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    stream = ahead(items(), 2)
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(stream)


def test_no_more_are_made_than_asked_for() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    stream = ahead(items(), 2)
    assert list(islice(stream, 3)) == [0, 1, 2]
    stream.close()
    assert len(made) < 10


def test_closing_early_closes_the_items_and_ends_the_thread() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    before = threading.active_count()
    stream = ahead(items(), 1)
    assert next(stream) == 0
    stream.close()
    assert closed.is_set()
    assert threading.active_count() == before


def test_ctrl_c_ends_what_is_made_ahead_within_it_at_once() -> None:
    """A shot is tracked to its end before its first frame comes: that is not waited for."""
    seen: list[int] = []

    def decoded() -> Iterator[int]:
        for number in range(10_000):
            if number == 3:
                interrupt_main()
            time.sleep(0.01)
            yield number

    def rendered() -> Iterator[int]:
        seen.extend(ahead(decoded(), 2))
        yield len(seen)

    before = threading.active_count()
    stream = ahead(rendered(), 1)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert len(seen) < 1000
    assert threading.active_count() == before


def test_items_that_cannot_even_begin_are_an_error_not_a_wait() -> None:
    class Broken:
        def __iter__(self) -> Iterator[int]:
            raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"):
        next(ahead(Broken(), 1))


def test_nothing_is_an_answer_too() -> None:
    assert list(ahead([], 1)) == []
