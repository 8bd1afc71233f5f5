"""Examples of our own: sealed swaps and edits of personas, made here when first asked for.

They are ordinary jobs under the personas' own records, sealed and labelled like everything else.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicegui import ui
from starlette.responses import PlainTextResponse, Response

from masquerade import personas
from masquerade.errors import MasqueradeError, OutputError
from masquerade.jobs.place import studio_folder
from masquerade.jobs.types import Job, State
from masquerade.provenance.canonical import Json
from masquerade.provenance.home import private_folder
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.pieces import block, button, failure, part
from masquerade.server.ui.results import served
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Kept


@dataclass(frozen=True, slots=True)
class Example:
    """One changed portrait.

    Attributes:
        name: Of its file.
        target: The persona whose portrait is changed.
        source: Whose face is put in; empty where effects are laid on.
        effects: Effects that are laid on.
    """

    name: str
    target: str
    source: str = ""
    effects: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """What was done, in a phrase."""
        return (
            f"the face of {self.source.capitalize()} was put in"
            if self.source
            else "the face was edited"
        )


EXAMPLES: Final[Mapping[str, Example]] = {
    one.name: one
    for one in (
        Example("hugo-cora", "hugo", source="cora"),
        Example("ada-smile", "ada", effects=("smile=0.6", "eyes=0.5")),
        Example("bela-dora", "bela", source="dora"),
        Example("femi-palsy", "femi", effects=("palsy=0.6:left",)),
        Example("cora-ada", "cora", source="ada"),
        Example("dora-smooth", "dora", effects=("smooth=1", "lipstick=0.7", "jaw=-0.4")),
    )
}
FIRST: Final = "hugo-cora"


def folder(studio: Studio) -> Path:
    """Where they lie.

    Raises:
        OutputError: The folder cannot be made.
    """
    try:
        return private_folder(studio_folder(studio.home) / "examples")
    except OSError as error:
        raise OutputError(f"examples cannot be kept ({error.strerror})") from error


def place(studio: Studio, name: str) -> Path:
    """Where an example lies or will lie."""
    return folder(studio) / f"{EXAMPLES[name].name}.png"


def ready(studio: Studio, name: str) -> bool:
    """Whether an example is there; a file appears whole or not at all."""
    return place(studio, name).is_file()


def wanted(studio: Studio, name: str) -> Job:
    """The job that makes an example, asked for if it was not yet or did not get done.

    Raises:
        UsageError: What it needs is not installed.
    """
    one, out = EXAMPLES[name], place(studio, name)
    lender = personas.load(one.source or one.target)
    spec: dict[str, Json] = {
        "method": "swap_mesh" if one.source else "edit",
        "target": str(personas.load(one.target).picture),
        "sources": [str(lender.picture)] if one.source else [],
        "consents": [str(lender.consent)],
        "out": str(out),
        "label": "minimal",
        "options": {"effect": list(one.effects)} if one.effects else {},
        "overwrite": True,
    }
    job = ask(studio, "make", spec, once=True)
    if job.state is State.DONE and not out.is_file():
        studio.queue.forget_digest(job.id)
        job = ask(studio, "make", spec, once=True)
    return job


def route(studio: Studio) -> Callable[..., Response]:
    """Answers for examples that are there."""

    def example(name: str) -> Response:
        if name not in EXAMPLES or not ready(studio, name):
            return PlainTextResponse("There is no such example yet.", 404)
        return served(place(studio, name))

    return example


def offer(studio: Studio, then: Callable[[Kept], Awaitable[None] | None], words: str) -> ui.element:
    """A button that hands one of our sealed examples to a page, made first if need be."""
    shelf = shelf_of(studio)

    async def hand_over() -> None:
        kept = shelf.place("made-here.png")
        try:
            shutil.copyfile(place(studio, FIRST), kept.path)
        except OSError as error:
            failure(OutputError(f"the example cannot be copied ({error.strerror})"))
            return
        done = then(kept)
        if done is not None:
            await done

    async def take() -> None:
        if ready(studio, FIRST):
            await hand_over()
            return
        said.clear()
        with said:
            try:
                job = wanted(studio, FIRST)
            except MasqueradeError as error:
                failure(error)
                return
            watch(studio, job.id, "Making an example", done)

    async def done(_job: Job) -> None:
        said.clear()
        await hand_over()

    with part("stack tight") as outer:
        with part("row"):
            block(words, "soft", tag="span")
            button("Use an example", take)
        said = ui.element("div")
    return outer
