"""What will go wrong when a person is replaced, on the Make page before anything is made."""

from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.client import Client

from masquerade.errors import UsageError
from masquerade.server.studio import Studio
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.make_inspect import Inspection, shown
from masquerade.server.ui.make_task import tasks
from masquerade.server.ui.shelf import Shelf

SESSION = "0f" * 16


@pytest.fixture
def form(tmp_path: Path, ui_studio: Studio) -> tuple[Inspection, FilesPart, Shelf]:
    shelf = Shelf(SESSION, tmp_path)
    (body,) = tasks("body")
    with Client(ui.page("/a-form"), request=None):
        files = FilesPart(ui_studio, shelf, body)
        files.draw()
        part = Inspection(ui_studio, shelf, files, lambda: "left")
        part.draw()
    return part, files, shelf


def test_what_is_there_is_looked_at(form: tuple[Inspection, FilesPart, Shelf]) -> None:
    part, files, shelf = form
    with pytest.raises(UsageError, match="nothing to look at"):
        part.spec()
    files.more["source"].append(shelf.place("anna.jpg"))
    assert set(part.spec()) == {"source", "person"}
    files.target = shelf.place("clip.mp4")
    files.more["source_video"].append(shelf.place("anna.mp4"))
    assert set(part.spec()) == {"source_video", "target", "person"}
    assert part.spec()["person"] == "left"


def test_shots_are_told_with_the_gravest_first(ui_app: object) -> None:
    class Done:
        id = "job-1"
        result: dict[str, Any] = {  # noqa: RUF012
            "source": ["anna.jpg: drawn from one photo", "  GRAVE: the photo shows no feet"],
            "faces": [],
            "shots": [
                {
                    "at": "0:00.00",
                    "people": 1,
                    "refused": True,
                    "concerns": [
                        {"grave": False, "words": "hands hidden"},
                        {"grave": True, "words": "the back is seen"},
                    ],
                },
                {"at": "0:04.00", "people": 0, "refused": True, "concerns": []},
            ],
        }
        spec: dict[str, Any] = {}  # noqa: RUF012

    with Client(ui.page("/a-form"), request=None) as client:
        shown(Done())  # type: ignore[arg-type]
        said = "".join(str(one.props.get("innerHTML")) for one in client.elements.values())
    assert said.index("The back is seen") < said.index("Hands hidden")
    assert "The photo shows no feet" in said
    assert "Nobody is seen." in said
