"""What will go wrong when a person is replaced, looked at before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from masquerade.errors import MasqueradeError, UsageError
from masquerade.jobs.types import Job
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.advice import in_page_words, sentence
from masquerade.server.ui.asking import ask, outs
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.pieces import block, button, failure, part, pill, points, text
from masquerade.server.ui.results import result_address
from masquerade.server.ui.shelf import Shelf

_OF: Final = ("source", "source_video")


class Inspection:
    """A button, and what was found; state of a part of one form."""

    def __init__(
        self, studio: Studio, shelf: Shelf, files: FilesPart, person: Callable[[], str]
    ) -> None:
        self._studio, self._shelf, self._files, self._person = studio, shelf, files, person

    def draw(self) -> None:
        """Puts it on the page."""
        block(
            "Look at it first: which shots can be made, which stay as they are, and why. No consent"
            " record is needed for that.",
            "soft",
            tag="p",
        )
        with part("row"):
            button("What will go wrong?", self._begin, sign="unmask")
        self._place = ui.element("div").classes("stack")

    def spec(self) -> dict[str, Json]:
        """What is looked at, as a job takes it.

        Raises:
            UsageError: No file is there.
        """
        files = self._files
        spec: dict[str, Json] = {
            name: str(files.more[name][-1].path) for name in _OF if files.more.get(name)
        }
        if len(spec) == len(_OF):
            del spec["source"]  # a video shows more of somebody than a photo does
        if files.target is not None:
            spec["target"] = str(files.target.path)
        if not spec:
            raise UsageError(
                "there is nothing to look at", "a video to change, or who is to be seen", "drop one"
            )
        return spec | {"person": self._person()}

    def _begin(self) -> None:
        self._place.clear()
        with self._place:
            try:
                spec = self.spec() | {"out": str(self._shelf.place("inspected.png").path)}
                job = ask(self._studio, "body_inspect", spec)
            except MasqueradeError as error:
                failure(error)
                return
            watch(self._studio, job.id, "Looking", shown)


def shown(job: Job) -> None:
    """Puts what was found on the page."""
    told: Any = job.result
    said = [_plain(one) for one in (*told["source"], *told["faces"])]
    if said:
        block(points(said))
    for one in told["shots"]:
        _shot(one)
    made = outs(job)
    if made:
        address = result_address(job, made[0])
        block(
            f"<figure><a href='{address}'><img src='{address}' alt='Shots with the bones that were"
            " found, red where a joint is not seen, and the place behind, pink where no frame shows"
            " it'></a><figcaption>Bones as they were found, red where not seen; the place behind,"
            " pink where no frame shows it. Press to see it whole.</figcaption></figure>"
        )


def _shot(one: Mapping[str, Any]) -> None:
    sign = pill("stays as it is", "bad") if one["refused"] else pill("can be made", "good")
    block(f"<h4>Shot at {text(one['at'])}</h4>{sign}", "row between")
    wrong: Sequence[Mapping[str, Any]] = sorted(one["concerns"], key=lambda c: not c["grave"])
    found = [sentence(in_page_words(concern["words"])) for concern in wrong]
    if not one["people"]:
        found = ["Nobody is seen."]
    block(points(found or ["Nothing that would go wrong was found."]))


def _plain(line: str) -> str:
    return sentence(in_page_words(line.strip().removeprefix("GRAVE: ")))
