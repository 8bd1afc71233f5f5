"""What the Train page lists: what is there, what may be tried again, what a faceset lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from masquerade.jobs.place import open_queue
from masquerade.jobs.types import Job, State
from masquerade.jobs.work import KINDS
from masquerade.server.ui import library
from masquerade.server.ui.jobs import NAMES
from masquerade.server.ui.library import Run, _is_shown


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    queue = open_queue(home=tmp_path)
    yield queue.submit("verify", {"target": "x.png"}).job
    queue.close()


def _with(job: Job, **changed: Any) -> Job:
    return replace(job, **changed)


@pytest.mark.parametrize(
    ("state", "ended_s", "is_there", "is_shown"),
    [
        (State.WAITING, None, False, True),
        (State.DONE, 1.0, True, True),
        (State.DONE, 1.0, False, False),
        (State.FAILED, 1.0, False, False),
        (State.FAILED, 1e12, False, True),
    ],
)
def test_what_came_to_nothing_is_listed_for_a_day(
    job: Job, tmp_path: Path, state: State, ended_s: float | None, *, is_there: bool, is_shown: bool
) -> None:
    out = tmp_path / "ada.faceset"
    if is_there:
        out.touch()
    assert _is_shown(_with(job, state=state, ended_s=ended_s), out) is is_shown


def test_a_training_shows_its_curves_and_newest_preview_first(job: Job, tmp_path: Path) -> None:
    run = Run(job, tmp_path / "swap.safetensors")
    run.folder.mkdir()
    for name in ("losses.png", "preview-00000040.png", "preview-00000120.png"):
        (run.folder / name).touch()
    assert run.curves is not None
    assert [one.name for one in run.previews] == ["preview-00000120.png", "preview-00000040.png"]


def test_a_faceset_that_is_not_there_lacks_nothing(tmp_path: Path) -> None:
    assert library._coverage(tmp_path / "none.faceset") is None


def test_every_kind_of_work_has_a_name_for_people() -> None:
    assert set(KINDS) <= set(NAMES)
