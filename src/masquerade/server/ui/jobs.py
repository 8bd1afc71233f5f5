"""Jobs: all that is being done, waits or is over, with its log, and ways to stop or try again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job, State
from masquerade.server.studio import Studio
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.asking import inputs, outs
from masquerade.server.ui.frame import frame
from masquerade.server.ui.job_view import STATES, says, span
from masquerade.server.ui.pieces import (
    block,
    button,
    empty,
    facts,
    failure,
    link,
    meter,
    part,
    pill,
    text,
    title,
    trouble,
)
from masquerade.server.ui.results import result_address

_EVERY_S: Final = 1.0
_SHOWN: Final = 30
NAMES: Final = {
    "make": "Making", "preview": "Preview", "examine": "Examination", "verify": "Reading marks",
    "lipsync": "Lip sync", "anonymize": "Hiding people", "faceset": "Collecting faces",
    "train": "Training", "source": "Learning a face", "voice_build": "Building a voice",
    "voice_convert": "Changing a voice", "voice_disguise": "Disguising a voice",
    "voice_speak": "Speaking", "portrait": "Letting a photo speak", "body": "Replacing a person",
    "evaluate": "Measuring a swap", "gallery": "All styles or effects",
    "person": "Getting to know a person",
}  # fmt: skip

_PLACES: Final = {
    "examine": "unmask", "verify": "", "train": "train", "faceset": "train", "person": "train",
    "voice_build": "train", "evaluate": "", "gallery": "", "preview": "", "source": "",
}  # fmt: skip
"""Where what a kind of work made is looked at; the file itself where there is no page for it."""


def build(studio: Studio) -> None:
    """The page."""
    with frame("jobs"):
        title(
            "Jobs",
            "What takes longer is done here, one after the other. A job goes on when you close this"
            " page, and after a restart of the computer.",
        )
        place = ui.element("section").classes("stack").props('aria-label="Jobs"')
        opened: set[str] = set()
        seen: list[tuple[object, ...]] = []

        def look() -> None:
            try:
                found = studio.queue.list_jobs(owner="", limit=_SHOWN)
            except MasqueradeError as error:
                timer.deactivate()
                with place:
                    failure(error)
                return
            now = [_looks(one) for one in found]
            if now == seen and place.default_slot.children:
                return
            seen[:] = now
            place.clear()
            with place:
                if not found:
                    empty(
                        "jobs", "Nothing to do", "Make or examine something, and it appears here."
                    )
                for one in found:
                    _card(studio, one, opened)

        timer = ui.timer(_EVERY_S, look)
        look()


def _looks(job: Job) -> tuple[object, ...]:
    return (job.id, job.state, job.progress, job.stopping, job.message)


def _card(studio: Studio, job: Job, opened: set[str]) -> None:
    words, tone = STATES[job.state]
    name = NAMES.get(job.kind, job.kind)
    of = next(iter(inputs(job)), None)
    with part("card"):
        block(
            f"<div><h2 class='plain'>{text(name)}{f': {text(of.name)}' if of else ''}</h2>"
            f"<p class='soft small'>{text(_when(job))}</p></div>{pill(words, tone)}",
            "row between",
        )
        if not job.ended:
            block(meter(None if job.state is State.WAITING else job.progress.share, name))
            block(text(says(job)), "soft small", tag="p")
        if job.problem is not None:
            block(trouble(job.problem))
        with part("row"):
            _buttons(studio, job)
        _log(studio, job, opened)


def _when(job: Job) -> str:
    begun = f"{datetime.fromtimestamp(job.created_s).astimezone():%Y-%m-%d %H:%M}"
    if job.started_s and job.ended_s:
        return f"{begun}, took {span(job.ended_s - job.started_s)}"
    return begun


def _buttons(studio: Studio, job: Job) -> None:
    def cancel() -> None:
        try:
            studio.queue.cancel(job.id)
        except MasqueradeError as error:
            ui.notify(error.found)

    def retry() -> None:
        try:
            studio.queue.retry(job.id)
        except MasqueradeError as error:
            ui.notify(in_page_words(f"{error.found}. {error.todo}"))

    if not job.ended:
        button("Stop", cancel, kind="bad")
    elif job.state is State.DONE:
        page, made = _PLACES.get(job.kind, "make"), outs(job)
        if page:
            link("Look at it", f"/{page}?job={job.id}")
        for path in made[:1]:
            if not page and path.suffix == ".png":
                link("Look at it", result_address(job, path))
            link("Download", result_address(job, path, save=True), sign="download", saves=True)
    else:
        button("Try again", retry, sign="history")


def _log(studio: Studio, job: Job, opened: set[str]) -> None:
    with ui.element("details").classes("more") as outer:
        if job.id in opened:
            outer.props["open"] = True
        outer.on(
            "toggle",
            lambda told: (opened.add if told.args else opened.discard)(job.id),
            js_handler="(e) => emit(e.target.open)",
        )
        block("Log", tag="summary")
        with part("body"):
            told = in_page_words("\n".join(one.text for one in studio.queue.log(job.id)))
            block(text(told) or "Nothing was said.", "log", tag="pre")
            block(facts([("Name", job.id), ("Attempts", job.attempts)]), "small")
