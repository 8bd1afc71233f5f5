"""What may be erased at once: files that were dropped, and that no job needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import Client, ui

from masquerade.jobs.types import Job
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui import room
from masquerade.server.ui.drop import _Place, _refused
from masquerade.server.ui.room import dropped
from masquerade.server.ui.shelf import Kept, Shelf

SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def shelf(ui_studio: Studio) -> Shelf:
    return Shelf(SESSION, ui_studio.home)


def put(shelf: Shelf, name: str) -> Kept:
    kept = shelf.place(name)
    kept.path.write_bytes(b"abc")
    return kept


def ask(studio: Studio, **spec: Json) -> Job:
    return studio.queue.submit("verify", spec).job


def test_what_a_job_waits_for_stays_until_it_is_over(ui_studio: Studio, shelf: Shelf) -> None:
    idle, needed = put(shelf, "idle.jpg"), put(shelf, "needed.jpg")
    job = ask(ui_studio, target="none.png", more=[{"path": str(needed.path)}])
    found = dropped(ui_studio, shelf)
    assert idle in found
    assert needed not in found
    ui_studio.queue.cancel(job.id)
    assert needed in dropped(ui_studio, shelf)


def test_what_a_job_made_is_nothing_that_was_dropped(ui_studio: Studio, shelf: Shelf) -> None:
    made = put(shelf, "made.png")
    job = ask(ui_studio, target="none.png", out=str(made.path))
    ui_studio.queue.cancel(job.id)
    assert made not in dropped(ui_studio, shelf)


def test_files_of_another_session_are_not_offered(ui_studio: Studio, shelf: Shelf) -> None:
    put(shelf, "mine.jpg")
    other = Shelf(SESSION.replace("7c9e", "1111"), ui_studio.home)
    assert dropped(ui_studio, other) == []


def test_it_says_how_many_and_how_much(shelf: Shelf) -> None:
    one = put(shelf, "a.jpg")
    assert room._counted([one]) == "1 file, 3 bytes"
    assert room._counted([one, put(shelf, "b.jpg")]) == "2 files, 6 bytes"


@pytest.mark.parametrize(
    ("needed", "todo"),
    [("room for 0.01 GB", "Jobs page"), ("4 MB or less", "cut it")],
)
def test_who_has_no_room_left_is_told_where_to_free_some(
    shelf: Shelf, ui_app: object, needed: str, todo: str
) -> None:
    from nicegui.events import GenericEventArguments

    with Client(ui.page("/a-drop"), request=None) as client:
        said = ui.element("div")
        told = {"name": "a.mp4", "found": "full", "expected": needed, "todo": "cut it"}
        place = _Place(shelf, lambda _kept: None, (), 1, said)
        _refused(place, GenericEventArguments(sender=said, client=client, args=told))
        (card,) = said.default_slot.children
    assert isinstance(card, ui.html)
    assert todo in card.content


def test_paths_are_found_wherever_a_spec_has_them() -> None:
    spec: Json = {"a": "1", "b": ["2", {"c": "3"}], "d": 4, "e": None}
    assert [Path(one).name for one in room._words(spec)] == ["1", "2", "3"]
