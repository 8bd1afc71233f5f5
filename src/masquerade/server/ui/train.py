"""Train: faces of two people are collected, then a network learns to swap them."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job, State
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask
from masquerade.server.ui.collect import (
    BODY,
    DEEP,
    FACES,
    MOUTH,
    PEOPLE,
    VOICES,
    Collected,
    ask_for,
    section,
)
from masquerade.server.ui.fields import pick, write_in
from masquerade.server.ui.frame import frame
from masquerade.server.ui.job_view import STATES, says, span, watch
from masquerade.server.ui.jobs import NAMES
from masquerade.server.ui.library import (
    Run,
    chosen_from,
    kept_of,
    missing_of,
    new_place,
    trainings,
)
from masquerade.server.ui.options_form import OptionsForm
from masquerade.server.ui.pieces import (
    block,
    button,
    empty,
    failed,
    failure,
    link,
    meter,
    more,
    part,
    pill,
    points,
    text,
    title,
    trouble,
)
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Shelf

_EVERY_S: Final = 3.0
_AT_ONCE_S: Final = 0.1
_SHOWN: Final = 7


def build(studio: Studio) -> None:
    """The page."""
    shelf = shelf_of(studio)
    with frame("train"):
        title(
            "Train",
            "The best swaps come from a network that has learned both people, from hundreds of"
            " pictures of each. Collect the faces first, look at what is missing, then train."
            " Voices to speak with, and people to examine with, are learned here too.",
        )
        with part("stack", tag="section"):
            block("<h2>1. Faces</h2>")
            faces = ui.element("div").classes("stack")
            _faces(studio, shelf, faces)
        with part("stack", tag="section"):
            block("<h2>2. Trainings</h2>")
            runs = ui.element("div").classes("stack")
            _runs(studio, shelf, runs)
        section(studio, shelf, VOICES, "3. Voices")
        section(studio, shelf, PEOPLE, "4. People, to examine with")


def _faces(studio: Studio, shelf: Shelf, place: ui.element) -> None:
    place.clear()
    with place:
        found = kept_of(studio, FACES.kind)
        if not found:
            empty(FACES.sign, FACES.none, FACES.hint)
        for number, (job, path) in enumerate(found):
            _faceset(studio, shelf, place, job, path.name, opened=number == 0)
        form = ui.element("div").classes("stack")
        with form:
            button(
                FACES.asks,
                lambda: ask_for(studio, shelf, FACES, form, lambda: _faces(studio, shelf, place)),
                kind="first",
            )


def _faceset(
    studio: Studio, shelf: Shelf, place: ui.element, job: Job, name: str, *, opened: bool
) -> None:
    if not job.ended:
        watch(studio, job.id, f"Collecting {name}", lambda _job: _faces(studio, shelf, place))
        return
    words, tone = STATES[job.state]
    told: Any = job.result
    with part("card"):
        who = told.get("person", name)
        block(f"<h3>{text(who)}</h3>{pill(words, tone)}", "row between")
        if job.state is not State.DONE:
            if job.problem is not None:
                block(trouble(job.problem))
            with part("row"):
                link("Try again, log", "/jobs", sign="jobs")
            return
        count = told.get("faces", 0)
        faces = "1 face" if count == 1 else f"{count} faces"
        block(f"{text(faces)}, in {text(name)}", "soft", tag="p")
        missing = ui.element("div")
        ui.timer(_AT_ONCE_S, lambda: _say_missing(studio, job, missing), once=True)
        with more("Views, light and expressions", opened=opened):
            address = f"/library/{job.id}/coverage"
            block(
                f"<figure><a href='{address}'><img loading='lazy' src='{address}' alt='How often"
                " each view of the head is there, how sharp and light the pictures are, and the"
                " faces themselves'></a><figcaption>Press to see it whole.</figcaption></figure>"
            )


async def _say_missing(studio: Studio, job: Job, place: ui.element) -> None:
    """What would make the faces better to learn from; measured in the background."""
    try:
        missing = await asyncio.to_thread(missing_of, studio, job.id)
    except MasqueradeError as error:
        missing = [error.found]
    if missing:
        with place:
            block("<h4>What would help</h4>" + points(missing))


def _runs(studio: Studio, shelf: Shelf, place: ui.element) -> None:
    place.clear()
    with place:
        found = trainings(studio)
        if not found:
            empty(
                "train",
                "No trainings yet",
                "A swap needs the faces of two people; a mouth and a body need videos of one.",
            )
        for run in found:
            _run(studio, run)
        form = ui.element("div").classes("stack")
        with form, part("row"):
            button("Train a swap", lambda: _begin(studio, shelf, form, place))
            for what in (MOUTH, BODY):
                button(what.asks, partial(_begin_alone, studio, shelf, what, form, place))


def _begin_alone(
    studio: Studio, shelf: Shelf, what: Collected, form: ui.element, place: ui.element
) -> None:
    """Asks for videos of one person, and how to learn from them."""
    ask_for(studio, shelf, what, form, lambda: _runs(studio, shelf, place))


def _run(studio: Studio, run: Run) -> None:
    """One training: how far it is, its curves, its newest previews; drawn anew as it goes on."""
    with part("card"):
        block(f"<h3>{text(run.out.stem)}</h3>")
        block(text(NAMES.get(run.job.kind, "")), "soft small", tag="p")
        head = block("")
        row = ui.element("div").classes("row")
        pictures = block("")
        seen: list[bool] = []

    def ways(job: Job) -> None:
        """What can be pressed, drawn anew only where that is another thing."""
        if seen == [job.ended]:
            return
        seen[:] = [job.ended]
        row.clear()
        with row:
            if job.state is State.DONE:
                link("Make with it", f"/make?model={job.id}", sign="make", kind="first")
            link("Log" if job.state is State.DONE else "Stop, go on, log", "/jobs", sign="jobs")

    def look() -> None:
        try:
            job = studio.queue.show(run.job.id, owner="")
        except MasqueradeError:
            timer.deactivate()
            return
        words, tone = STATES[job.state]
        bar = "" if job.ended else meter(job.progress.share, run.out.stem)
        why = trouble(job.problem) if job.problem else ""
        head.set_content(
            f"<div class='stack tight'><div>{pill(words, tone)}</div>{bar}"
            f"<p class='soft small'>{text(_told(job))}</p>{why}</div>"
        )
        ways(job)
        pictures.set_content(_pictures(Run(job, run.out)))
        if job.ended:
            timer.deactivate()

    timer = ui.timer(_EVERY_S, look)
    look()


def _told(job: Job) -> str:
    """How far a training is, or how long it took."""
    if job.state is State.DONE and job.started_s and job.ended_s:
        return f"It took {span(job.ended_s - job.started_s)}."
    return says(job)


def _pictures(run: Run) -> str:
    shown = []
    if run.curves is not None:
        stamp = int(run.curves.stat().st_mtime)
        shown.append(
            f"<figure><img src='/library/{run.job.id}/curves?v={stamp}' alt='Losses over the"
            " iterations'><figcaption>Losses: lower is better. Those with dots are of faces the"
            " network never learned from.</figcaption></figure>"
        )
    sheets = [_sheet(run, number, path) for number, path in enumerate(run.previews[:_SHOWN])]
    shown += sheets[:1]
    if len(sheets) > 1:
        shown.append(f"<h4>Before that</h4><div class='grid3'>{''.join(sheets[1:])}</div>")
    return f"<div class='stack'>{''.join(shown)}</div>" if shown else ""


def _sheet(run: Run, number: int, path: Path) -> str:
    step = int(path.stem.rpartition("-")[2] or 0)
    shows = "the source, drawn, the target, the swap" if run.job.kind == "train" else "how it draws"
    words = f"After {step:,} iterations: {shows}."
    return (
        f"<figure><img loading='lazy' src='/library/{run.job.id}/{number}?v={step}'"
        f" alt='{words}'><figcaption>{words}</figcaption></figure>"
    )


def _begin(studio: Studio, shelf: Shelf, form: ui.element, place: ui.element) -> None:
    """Asks for two facesets and how to learn."""
    from masquerade.train.swap.options import TrainOptions

    known = chosen_from(studio, FACES.kind)
    form.clear()
    with form, part("card"):
        if len(known) < 2:
            _too_few(len(known))
            button("Leave it", lambda: _runs(studio, shelf, place), kind="quiet")
            return
        block("<h3>Who is put in whose place?</h3>")
        with part("grid2"):
            source = pick("Whose face is shown", known)
            target = pick("In whose place", known, list(known)[1])
            name = write_in("A name for it", "swap")
        options = OptionsForm(TrainOptions, shelf, most_bytes=1, first=("preset", "iterations"))
        options.draw(deep=DEEP)
        said = ui.element("div")

        def begin() -> None:
            said.clear()
            with said:
                try:
                    spec: dict[str, Json] = {
                        "source": str(source.value),
                        "target": str(target.value),
                        "out": str(new_place(studio, str(name.value), ".safetensors")),
                        "options": options.values(),
                    }
                    ask(studio, "train", spec)
                except MasqueradeError as error:
                    failure(error)
                    return
            _runs(studio, shelf, place)

        with part("row"):
            button("Begin", begin, kind="first")
            button("Leave it", lambda: _runs(studio, shelf, place), kind="quiet")


def _too_few(count: int) -> None:
    failed(
        "Faces are missing",
        f"{count} of two people's faces have been collected",
        "faces of both people",
        "collect them above",
    )
