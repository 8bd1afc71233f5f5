"""A preview on the page: a sheet of a few moments, made anew as settings change."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job, State
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask, outs
from masquerade.server.ui.fields import Field, tick
from masquerade.server.ui.job_view import says, span
from masquerade.server.ui.pieces import block, button, failed, failure, meter, part, points, text
from masquerade.server.ui.results import result_address
from masquerade.server.ui.shelf import Shelf

_CALM_S: Final = 1.2  # after a change, before anything is made
_EVERY_S: Final = 0.5
_MOMENTS: Final = 4
_SHARED: Final = ("target", "consents", "purpose", "label", "label_language")


class Preview:
    """The sheet that is shown, and the job that makes the next; state of a part of one form."""

    def __init__(self, studio: Studio, shelf: Shelf, spec: Callable[[], dict[str, Any]]) -> None:
        self._studio, self._shelf, self._spec = studio, shelf, spec
        self._job = ""
        self._due_s: float | None = None
        self._live: Field | None = None

    def draw(self, *, all_of: str | None = None) -> None:
        """Puts it on the page; `all_of` offers a sheet of all styles, or of all effects."""
        with part("row"):
            button("Show a preview", self._begin, sign="unmask")
            if all_of:
                button(f"Show all {all_of}", lambda: self._all(all_of))
            self._live = tick("Make it anew when I change a setting")
        self._state = ui.element("div").props('role="status" aria-live="polite"')
        self._sheet = ui.element("div")
        ui.timer(_EVERY_S, self._look)

    def changed(self) -> None:
        """A setting was changed."""
        if self._live is not None and self._live.value:
            self._due_s = time.monotonic() + _CALM_S

    def _begin(self) -> None:
        self._due_s = None
        self._state.clear()
        with self._state:
            try:
                spec = self._spec() | {"count": _MOMENTS}
                spec["out"] = str(self._shelf.place("preview.png").path)
                self._stop_former()
                self._job = ask(self._studio, "preview", spec).id
            except MasqueradeError as error:
                failure(error)

    def _all(self, of: str) -> None:
        """A photo in every style, or with every effect, to choose by eye."""
        self._state.clear()
        with self._state:
            try:
                spec = self._spec()
                wanted: dict[str, Json] = {name: spec[name] for name in _SHARED if name in spec}
                wanted |= {"of": of, "out": str(self._shelf.place(f"all-{of}.png").path)}
                self._stop_former()
                self._job = ask(self._studio, "gallery", wanted).id
            except MasqueradeError as error:
                failure(error)

    def _stop_former(self) -> None:
        if self._job and not self._studio.queue.show(self._job).ended:
            self._studio.queue.cancel(self._job)

    def _look(self) -> None:
        if self._due_s is not None and time.monotonic() > self._due_s:
            self._begin()
        if not self._job:
            return
        try:
            job = self._studio.queue.show(self._job)
        except MasqueradeError:
            self._job = ""
            return
        self._state.clear()
        with self._state:
            if not job.ended:
                share = None if job.state is State.WAITING else job.progress.share
                block(meter(share, "Preview") + f"<p class='soft small'>{text(says(job))}</p>")
                return
            self._job = ""
            if job.state is State.DONE:
                self._show(job)
            elif job.problem is not None:
                problem = job.problem
                failed("There is no preview", problem.found, problem.expected, problem.todo)

    def _show(self, job: Job) -> None:
        made = outs(job)
        self._sheet.clear()
        if not made:
            return
        told: Any = job.result
        whole = told.get("whole_file")
        if job.kind == "gallery":
            with self._sheet:
                _all_shown(job, made[0])
            return
        words = f" The whole will take about {span(whole['seconds'])}." if whole else ""
        with self._sheet:
            block(
                f"<figure><img src='{result_address(job, made[0])}' alt='A few moments, each as"
                f" it is and as it will be'><figcaption>Left as it is, right as it will be.{words}"
                "</figcaption></figure>" + points(told.get("notes", ()))
            )


def _all_shown(job: Job, sheet: Path) -> None:
    address = result_address(job, sheet)
    block(
        f"<figure><a href='{address}'><img src='{address}' alt='The photo in each way, with its"
        " name'></a><figcaption>Each with its name, which goes into the finer settings. Press to"
        " see it whole.</figcaption></figure>"
    )
