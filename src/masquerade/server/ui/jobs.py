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
from masquerade.server.ui.room import room
from masquerade.server.ui.session import shelf_of

_EVERY_S: Final = 1.0
_SHOWN: Final = 30
NAMES: Final = {
    "make": "Making", "preview": "Preview", "examine": "Examination", "verify": "Reading marks",
    "lipsync": "Lip sync", "anonymize": "Hiding people", "faceset": "Collecting faces",
    "train": "Training a swap", "source": "Learning a face", "voice_build": "Building a voice",
    "voice_convert": "Changing a voice", "voice_disguise": "Disguising a voice",
    "voice_speak": "Speaking", "portrait": "Letting a photo speak", "body": "Replacing a person",
    "evaluate": "Measuring a swap", "gallery": "All styles or effects",
    "person": "Getting to know a person", "examine_folder": "Examining a folder",
    "morph": "A face between several", "persona_voice": "A persona's voice",
    "train_lips": "Training a mouth", "train_body": "Training a body",
    "body_inspect": "Looking what will go wrong",
}  # fmt: skip

_PLACES: Final = {
    "examine": "unmask", "verify": "", "train": "train", "faceset": "train", "person": "train",
    "voice_build": "train", "persona_voice": "train", "train_lips": "train", "train_body": "train",
    "examine_folder": "", "evaluate": "", "gallery": "", "preview": "", "source": "",
    "body_inspect": "",
}  # fmt: skip
"""Where what a kind of work made is looked at; the file itself where there is no page for it."""


def build(studio: Studio) -> None:
    """The page."""
    shelf = shelf_of(studio)
    with frame("jobs"):
        title(
            "Jobs",
            "What takes longer is done here, one after the other. A job goes on when you close this"
            " page, and after a restart of the computer.",
        )
        place = ui.element("section").classes("stack").props('aria-label="Jobs"')
        cards: dict[str, _Card] = {}
        order: list[str] = []

        def look() -> None:
            try:
                found = studio.queue.list_jobs(owner="", limit=_SHOWN)
            except MasqueradeError as error:
                timer.deactivate()
                with place:
                    failure(error)
                return
            if [one.id for one in found] != order or not place.default_slot.children:
                order[:] = [one.id for one in found]
                _draw(studio, place, found, cards)
            for one in found:
                cards[one.id].show(one)

        timer = ui.timer(_EVERY_S, look)
        look()
        room(studio, shelf)


def _draw(studio: Studio, place: ui.element, found: list[Job], cards: dict[str, _Card]) -> None:
    """All cards anew, as there is another job; logs that are open stay so."""
    opened = {name for name, card in cards.items() if card.is_open}
    place.clear()
    cards.clear()
    with place:
        if not found:
            empty("jobs", "Nothing to do", "Make or examine something, and it appears here.")
        for one in found:
            cards[one.id] = _Card(studio, one, is_open=one.id in opened)


class _Card:
    """One job on the page, changed in place as it goes on; state of a page.

    What can be pressed stays the same element for as long as it does the same, so that nobody who
    uses the keyboard is thrown back to the top.
    """

    def __init__(self, studio: Studio, job: Job, *, is_open: bool) -> None:
        self._studio, self._seen = studio, ""
        self.is_open = is_open
        self._name = NAMES.get(job.kind) or kind_words(job.kind)
        of = next(iter(inputs(job)), None)
        with part("card"):
            with part("row between"):
                block(
                    f"<h2 class='plain'>{text(self._name)}{f': {text(of.name)}' if of else ''}</h2>"
                )
                self._pill = block("")
            self._when = block("", "soft small", tag="p")
            self._how = block("")
            self._row = ui.element("div").classes("row")
            self._log = self._lines(job)

    def show(self, job: Job) -> None:
        """What is new of it."""
        words, tone = STATES[job.state]
        self._pill.set_content(pill(words, tone))
        self._when.set_content(text(_when(job)))
        told = ""
        if not job.ended:
            share = None if job.state is State.WAITING else job.progress.share
            told = meter(share, self._name) + f"<p class='soft small'>{text(says(job))}</p>"
        if job.problem is not None:
            told = trouble(job.problem)
        self._how.set_content(told and f"<div class='stack tight'>{told}</div>")
        can = "stop" if not job.ended else job.state.value
        if can != self._seen:
            self._seen = can
            self._row.clear()
            with self._row:
                _buttons(self._studio, job)
        if self.is_open:
            self._tell(job)

    def _lines(self, job: Job) -> ui.html:
        with ui.element("details").classes("more") as outer:
            if self.is_open:
                outer.props["open"] = True

            def turned(opened: object) -> None:
                self.is_open = bool(opened)
                if self.is_open:
                    self._tell(job)

            outer.on(
                "toggle",
                lambda told: turned(told.args),
                js_handler="(e) => emit(e.target.open)",
            )
            block("Log", tag="summary").props["aria-label"] = f"Log of: {self._name}"
            with part("body"):
                lines = block("", "log", tag="pre").props('tabindex="0"')
                block(facts([("Name", job.id), ("Attempts", job.attempts)]), "small")
        return lines

    def _tell(self, job: Job) -> None:
        told = in_page_words("\n".join(one.text for one in self._studio.queue.log(job.id)))
        self._log.set_content(text(told) or "Nothing was said.")


def kind_words(kind: str) -> str:
    """What a kind of work that this page knows nothing of is called.

    Example:
        >>> kind_words("voice_convert")
        'Voice convert'
    """
    return kind.replace("_", " ").capitalize()


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
        words = "Go on" if job.state is State.CANCELLED else "Try again"
        button(words, retry, sign="history")
