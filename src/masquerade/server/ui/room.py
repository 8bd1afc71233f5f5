"""Room: what files take, and those that were dropped in this browser erased at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import outs
from masquerade.server.ui.pieces import block, button, failure, meter, part, text
from masquerade.server.ui.shelf import Kept, Shelf, size_words

_MOST: Final = 100_000
_AT_ONCE_S: Final = 0.1
_NAMED: Final = 12


def dropped(studio: Studio, shelf: Shelf) -> list[Kept]:
    """Files of a session that were dropped and that no job needs any more; no results."""
    jobs = studio.queue.list_jobs(owner="", limit=_MOST)
    needed = {path for job in jobs for path in _needed(job)}
    return [one for one in shelf.files() if one.path not in needed]


def _needed(job: Job) -> Iterable[Path]:
    """What a job still works with, or made."""
    if not job.ended:
        return map(Path, _words(dict(job.spec)))
    return outs(job)


def _words(value: Json) -> Iterable[str]:
    """All texts in a spec: paths are among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)


def room(studio: Studio, shelf: Shelf) -> None:
    """A part of a page: how much is taken, and a way to free some."""
    place = ui.element("section").classes("stack").props('aria-label="Room"')

    async def show() -> None:
        try:
            used = await asyncio.to_thread(studio.files.used_bytes)
            found = await asyncio.to_thread(dropped, studio, shelf)
        except MasqueradeError as error:
            with place:
                failure(error)
            return
        place.clear()
        with place:
            _say(used, studio.files.quota_bytes, found, lambda: _ask(shelf, place, found, show))

    ui.timer(_AT_ONCE_S, show, once=True)


def _say(used: int, most: int, found: list[Kept], ask: Callable[[], None]) -> None:
    with part("card"):
        block("<h2>Room</h2>")
        block(meter(used / most, "Room that is taken"))
        block(f"{size_words(used)} of {size_words(most)} are taken.", "soft small", tag="p")
        if not found:
            block("No dropped file of this browser lies idle.", "soft small", tag="p")
            return
        block(f"<p>{_counted(found)} of what was dropped in this browser: kept for a week.</p>")
        with part("row"):
            button("Free it now", ask)


def _ask(
    shelf: Shelf, place: ui.element, found: list[Kept], done: Callable[[], Awaitable[None]]
) -> None:
    """Asks before files are erased: it is for good."""

    async def do() -> None:
        try:
            for one in found:
                await asyncio.to_thread(shelf.drop, one.id)
        except MasqueradeError as error:
            with place:
                failure(error)
            return
        await done()

    place.clear()
    with place, part("card"):
        block("<h2>Erase what was dropped?</h2>")
        block(
            f"<p>{_counted(found)}. Results, and what a job still works on, stay; a comparison of"
            " before and after needs the file before. Forms that are open elsewhere in this browser"
            " lose their files.</p>"
        )
        names = ", ".join(dict.fromkeys(one.name for one in found[:_NAMED]))
        block(text(names + (" and others" if len(found) > _NAMED else "")), "soft small", tag="p")
        with part("row"):
            button("Yes, erase them", do, kind="bad")
            button("No, leave them", done)


def _counted(found: list[Kept]) -> str:
    size = size_words(sum(one.path.stat().st_size for one in found if one.path.is_file()))
    return f"{len(found)} {'file' if len(found) == 1 else 'files'}, {size}"
