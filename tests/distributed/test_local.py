"""Processes of this machine do pieces in order, and one that dies costs nothing but time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.distributed.local import LocalExecutor
from masquerade.distributed.place import check_place, opened_executor
from masquerade.errors import InputError, UsageError
from masquerade.pipelines.examine import Examination
from masquerade.pipelines.observed_elsewhere import Question, Unread, examined, open_question
from masquerade.types import Resources


@pytest.fixture
def pictures(rng: np.random.Generator, tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        cv2.imwrite(str(path), rng.integers(0, 255, (64, 64, 3), np.uint8))
    paths[1].write_bytes(b"no picture")
    return [*paths, tmp_path / "gone.png"]


def test_files_come_back_in_order_and_a_dead_process_is_replaced(pictures) -> None:
    executor = LocalExecutor(1)
    try:
        came = examined(pictures, executor, signals=("jpeg_grid",))
        first = next(came)
        assert executor._pool is not None
        for process in (executor._pool._processes or {}).values():
            process.kill()
        rest = list(came)
    finally:
        executor.close()
    assert isinstance(first, Examination)
    assert first.evidence[0].signal == "provenance"
    assert [type(one) for one in rest] == [Examination, Examination, Unread]
    assert rest[0].kind == "unknown"


def test_an_error_there_is_the_same_error_here(tmp_path) -> None:
    asked = Question(tmp_path / "not here", ())
    with opened_executor("local:1") as executor:
        assert executor is not None
        came = executor.each(open_question, asked, [tmp_path], resources=Resources())
        with pytest.raises(InputError, match="cannot be reached where the work is done"):
            next(came)


def test_nothing_is_opened_for_no_place() -> None:
    with opened_executor("") as executor:
        assert executor is None


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        ("", True),
        ("auto", True),
        ("local:2", True),
        ("10.0.0.1:6380", True),
        ("head.studio:6380", True),
        ("local:", False),
        ("ray://10.0.0.1:10001", False),
        ("10.0.0.1", False),
        ("a b:1", False),
    ],
)
def test_places_are_told_from_other_words(place: str, is_one: bool) -> None:
    if is_one:
        check_place(place)
    else:
        with pytest.raises(UsageError):
            check_place(place)


def test_no_processes_is_no_place() -> None:
    with pytest.raises(UsageError, match="0 processes"):
        LocalExecutor(0)


def test_an_enrolled_person_stays_here(tmp_path) -> None:
    with pytest.raises(UsageError, match="stays on this machine"):
        list(examined([tmp_path], LocalExecutor(1), person=tmp_path / "ada.person"))
