"""A job as people see it: how far it is, what it says, how long it will take, what came of it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import background_tasks, ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job, State
from masquerade.server.studio import Studio
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.pieces import (
    Tone,
    block,
    button,
    failed,
    failure,
    meter,
    more,
    part,
    text,
    verdict,
)

_EVERY_S: Final = 0.6
_PATIENCE_S: Final = 20.0
STATES: Final[dict[State, tuple[str, Tone]]] = {
    State.WAITING: ("waiting", "open"),
    State.RUNNING: ("working", "told"),
    State.DONE: ("done", "good"),
    State.FAILED: ("failed", "bad"),
    State.CANCELLED: ("stopped", "warn"),
}
Ended = Callable[[Job], Awaitable[None] | None]


def watch(studio: Studio, job_id: str, words: str, on_done: Ended) -> None:
    """A card that follows a job; `on_done` is told once it is done, and draws what came of it.

    Args:
        studio: Where the job is.
        job_id: Its name.
        words: What is being done, as a heading.
        on_done: Told of the job when it is done.
    """
    place = ui.element("div").classes("stack")
    with place, part("card"):
        block(f"<h2>{text(words)}</h2>")
        bar = block("")
        line = block("", "soft").props('role="status" aria-live="polite"')
        log = more("What it says")
        with log:
            lines = block("", "log", tag="pre")
        stop = button("Stop", lambda: _stop(studio, job_id), kind="bad")

    def look() -> None:
        try:
            job = studio.queue.show(job_id)
            told = studio.queue.log(job_id)
        except MasqueradeError as error:
            timer.deactivate()
            with place:
                failure(error)
            return
        bar.set_content(meter(None if job.state is State.WAITING else job.progress.share, words))
        line.set_content(text(says(job)))
        said = in_page_words("\n".join(one.text for one in told))
        lines.set_content(text(said) or "Nothing yet.")
        if not job.ended:
            return
        timer.deactivate()
        stop.set_visibility(False)
        if job.state is not State.DONE:
            place.clear()
            with place:
                _ended(studio, job, words, on_done, place)
            return
        place.clear()
        with place:
            done = on_done(job)
        if inspect.iscoroutine(done):  # on its own: it may take away the card that this runs for
            background_tasks.create(done, name=f"what came of {job.id}")

    timer = ui.timer(_EVERY_S, look)


def _stop(studio: Studio, job_id: str) -> None:
    try:
        studio.queue.cancel(job_id)
    except MasqueradeError as error:  # it ended meanwhile
        ui.notify(error.found)


def _ended(studio: Studio, job: Job, words: str, on_done: Ended, place: ui.element) -> None:
    """What is said of a job that did not get done, with a way to go on, in the card's place."""
    if job.problem is not None:
        refused = job.problem.kind in ("RefusedError", "ConsentError", "PolicyError")
        failed(
            "This is refused" if refused else "This did not work",
            job.problem.found,
            job.problem.expected,
            job.problem.todo,
        )
    else:
        verdict("warn", "Stopped", ["Nothing was made. You can go on with it."], level=3)

    def again() -> None:
        try:
            studio.queue.retry(job.id)
        except MasqueradeError as error:
            failure(error)
            return
        place.clear()
        with place:
            watch(studio, job.id, words, on_done)

    button("Go on" if job.problem is None else "Try again", again, sign="history")


def says(job: Job) -> str:
    """What a job is doing, in a sentence."""
    told = job.progress
    if job.state is State.WAITING:
        waited = time.time() - job.created_s
        if waited > _PATIENCE_S:
            return (
                "It still waits for a worker: others are before it, or this server was started"
                " without one."
            )
        return "It waits for its turn."
    if job.state is State.RUNNING:
        count = f", {told.done} of {told.total}" if told.total else ""
        left = f"; about {span(told.eta_s)} left" if told.eta_s else ""
        stage = told.stage or "getting ready"
        return f"{stage[:1].upper()}{stage[1:]}{count}{left}." + (
            " Stopping…" if job.stopping else ""
        )
    return in_page_words(job.message) or STATES[job.state][0]


def span(seconds: float) -> str:
    """A time for people.

    Example:
        >>> span(8.2), span(130), span(4000)
        ('9 s', '2 min', '1 h 7 min')
    """
    if seconds < 100:
        return f"{max(1, -int(-seconds // 1))} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
