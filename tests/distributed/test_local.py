"""Processes of this machine do pieces in order, and one that dies costs nothing but time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.distributed.local import LocalExecutor
from masquerade.distributed.place import check_place, opened_executor
from masquerade.errors import InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.examine import elsewhere as observed_elsewhere
from masquerade.pipelines.examine.elsewhere import Question, Unread, examined, open_question
from masquerade.pipelines.examine.many import Folder, examine_folder
from masquerade.types import Resources


@pytest.fixture
def archive(rng: np.random.Generator, tmp_path: Path) -> Path:
    """Two pictures, and a file that is none between them."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in ("a", "c"):
        cv2.imwrite(str(folder / f"{name}.png"), rng.integers(0, 255, (64, 64, 3), np.uint8))
    (folder / "b.png").write_bytes(b"no picture")
    return folder


def test_an_archive_is_examined_as_here_though_a_process_dies(archive, tmp_path) -> None:
    executor, lost = LocalExecutor(1), list[int]()

    def kill_once(_stage: str, done: int, _total: int | None) -> None:
        if done == 1 and not lost and executor._pool is not None:
            for process in (executor._pool._processes or {}).values():
                process.kill()
                lost.append(process.pid)

    there, here = (
        Folder(archive, tmp_path / name, signals=("jpeg_grid",)) for name in ("there", "here")
    )
    try:
        examine_folder(there, executor=executor, tell=kill_once)
    finally:
        executor.close()
    examine_folder(here)
    assert lost
    assert _reports(there) == _reports(here)
    assert len(_reports(here)) == 4  # of each file, and the table


def _reports(folder: Folder) -> dict[str, bytes]:
    """What does not say when it was written."""
    found = [*folder.out.glob("*.json"), *folder.out.glob("*.csv")]
    return {one.name: one.read_bytes() for one in found if ".signature" not in one.name}


def test_what_cannot_be_read_is_said_and_no_reason_to_stop(tmp_path) -> None:
    came = observed_elsewhere._seen((), FaceReader.open, tmp_path / "gone.png")
    assert isinstance(came, Unread)


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
