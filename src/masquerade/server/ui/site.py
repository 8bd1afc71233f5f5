"""All pages on one application: their addresses, files of theirs, and who may ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from fastapi import FastAPI
from nicegui import app as pages
from nicegui import ui
from nicegui.storage import Storage
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.staticfiles import StaticFiles

from masquerade import personas
from masquerade.errors import MasqueradeError
from masquerade.server.sign_in import PLACE
from masquerade.server.studio import Studio
from masquerade.server.ui import (
    arrivals,
    consents,
    examples,
    home,
    jobs,
    learn,
    ledger,
    make,
    quiz,
    train,
    unmask,
    verify,
)
from masquerade.server.ui.frame import document
from masquerade.server.ui.guard import LOOPBACK, Guard
from masquerade.server.ui.make_task import families
from masquerade.server.ui.results import library_route, result_route, served
from masquerade.server.ui.session import may_enter, secret, shelf_of_request
from masquerade.server.ui.shelf import shelves, sweep
from masquerade.server.ui.stills import still_response

Build: TypeAlias = Callable[[Studio], None]

_CALM_S: Final = 3.0
_DAY_S: Final = 86_400.0
_ASSETS: Final = Path(__file__).with_name("assets")
_PAGES: Final[tuple[tuple[str, str, Build], ...]] = (
    ("/verify", "Verify", verify.build),
    ("/unmask", "Unmask", unmask.build),
    ("/make", "Make", make.build),
    ("/consents", "Consents", consents.build),
    ("/ledger", "Ledger", ledger.build),
    ("/jobs", "Jobs", jobs.build),
    ("/train", "Train", train.build),
    ("/learn/quiz", "Spot the fake", quiz.build),
)


def put_on(app: FastAPI, studio: Studio) -> None:
    """Puts the pages on an application, with all they are served from."""
    Storage.path = shelves(studio.home)  # nothing is written where the command was given
    sweep(studio.home)
    app.mount("/assets", StaticFiles(directory=_ASSETS), name="assets")
    app.get("/personas/{name}.jpg", include_in_schema=False)(_persona)
    if not studio.settings.asks_pages:  # a page of another time, still open in a browser
        app.get(PLACE, include_in_schema=False)(_home)
    for path, name, build in _PAGES:
        _add(studio, path, name, build)
    _tell(studio, "/", "Masquerade", "home", home.content)
    _tell(studio, "/learn", "Learn", "learn", learn.content)
    for topic in learn.TOPICS:
        told = partial(learn.reading, topic)
        _tell(studio, f"/learn/{topic.name}", topic.title, "learn", told)
    pages.post(arrivals.PLACE, include_in_schema=False)(arrivals.arrival_route(studio))
    pages.get("/shelf/{file_id}", include_in_schema=False)(_shelf_route(studio))
    pages.get("/results/{job_id}/{kind}/{which}", include_in_schema=False)(result_route(studio))
    pages.get("/library/{job_id}/{name}", include_in_schema=False)(library_route(studio))
    pages.get("/example/{name}", include_in_schema=False)(examples.route(studio))
    pages.on_startup(partial(_wake, studio))
    app.add_middleware(
        Guard,
        hosts=_hosts(studio),
        most_bytes=studio.settings.upload_mb * 1_000_000,
    )
    ui.run_with(
        app,
        title="Masquerade",
        language="en-US",
        favicon=_ASSETS / "sign.svg",
        tailwind=False,
        reconnect_timeout=30.0,
        storage_secret=secret(studio.home),
        session_middleware_kwargs={
            "same_site": "strict",
            "max_age": studio.settings.session_hours * 3600,
        },
        show_welcome_message=False,
    )


def _tell(studio: Studio, path: str, name: str, active: str, content: Callable[[], str]) -> None:
    """Puts a page on that only says something."""
    title = name if path == "/" else f"{name} · Masquerade"

    def page(request: Request) -> Response:
        if not may_enter(request, studio):
            return RedirectResponse(PLACE, 303)
        return HTMLResponse(document(title, active, content()))

    pages.get(path, include_in_schema=False)(page)


def _add(studio: Studio, path: str, name: str, build: Build) -> None:
    title = f"{name} · Masquerade"

    def page(request: Request) -> Response | None:
        if not may_enter(request, studio):
            return RedirectResponse(PLACE, 303)
        build(studio)
        return None

    ui.page(path, title=title, response_timeout=20)(page)


def _hosts(studio: Studio) -> frozenset[str]:
    """Names under which browsers may ask; any, where others can reach it and none is named."""
    named = frozenset(studio.settings.names)
    return named | LOOPBACK if studio.settings.loopback or named else named


async def _wake(studio: Studio) -> None:
    """Imports all methods once the first page is out, and takes old files away once a day."""
    await asyncio.sleep(_CALM_S)
    await asyncio.to_thread(families)
    while True:
        await asyncio.sleep(_DAY_S)
        await asyncio.to_thread(sweep, studio.home)


def _home() -> Response:
    return RedirectResponse("/", 303)


def _persona(name: str) -> Response:
    if name not in personas.names():
        return PlainTextResponse("There is no such persona.", 404)
    return FileResponse(
        personas.load(name).picture, headers={"Cache-Control": "public, max-age=86400"}
    )


def _shelf_route(studio: Studio) -> Callable[..., Response]:
    def shelf(request: Request, file_id: str, save: bool = False, still: bool = False) -> Response:
        try:
            kept = shelf_of_request(request, studio).find(file_id)
        except MasqueradeError as error:
            return PlainTextResponse(f"{error.found}.", 404)
        return still_response(kept.path) if still else served(kept.path, save=save)

    return shelf
