"""The application: the API, and whatever mounts itself on it."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias

from fastapi import FastAPI

from masquerade import __version__
from masquerade.jobs.sweep import Keep
from masquerade.server import api_admin, api_catalogue, api_jobs, api_uploads
from masquerade.server.api_page import add_page
from masquerade.server.gate import Gate
from masquerade.server.headers import Fenced
from masquerade.server.problems import add_handlers
from masquerade.server.settings import Settings
from masquerade.server.sign_in import SignIn
from masquerade.server.studio import Studio

Mount: TypeAlias = Callable[[FastAPI, Studio], None]
UI: Final = "masquerade.server.ui"
_DESCRIPTION: Final = """
Upload files, ask for a job that names them as `upload:up-...`, watch it, fetch what it made.
Every request carries a key, `Authorization: Bearer mqk_...`; `masquerade serve key new` makes one.
Whatever is made needs the same consent records and carries the same marks as on the command line.
Errors say what was `found`, what was `expected` and what there is `todo`.
"""


def create_app(
    settings: Settings | None = None,
    *,
    keep: Keep | None = None,
    home: Path | None = None,
    mounts: Sequence[Mount] | None = None,
) -> FastAPI:
    """The application, ready for a server such as uvicorn.

    Args:
        settings: How it is run.
        keep: How long files are kept, and how much room they may take.
        home: The installation's folder.
        mounts: Each is given the application and the studio once the API is there, and adds pages;
            None for the web pages that come with this package. ``app.state.studio`` is the studio.

    Example:
        >>> app = create_app(mounts=())  # doctest: +SKIP
    """
    studio = Studio.open(settings, keep=keep, home=home)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        studio.close()

    app = FastAPI(
        title="Masquerade",
        version=__version__,
        summary="Make, mark and unmask synthetic media.",
        description=_DESCRIPTION,
        lifespan=life,
        docs_url=None,  # those pages load scripts from another host
        redoc_url=None,
    )
    app.state.studio = studio
    add_handlers(app)
    routers = [api_catalogue.router, api_uploads.router, api_jobs.router, api_admin.router]
    routers.append(api_jobs.kinds_router())
    for router in (*routers, api_catalogue.unknown_router(routers)):
        app.include_router(router)
    add_page(app)
    for mount in usual_mounts() if mounts is None else mounts:
        mount(app, studio)
    if studio.settings.asks_pages:
        app.add_middleware(SignIn, studio=studio)
    app.add_middleware(Gate)
    app.add_middleware(Fenced)
    return app


def usual_mounts() -> tuple[Mount, ...]:
    """The web pages of this package, where they are there: their ``mount(app, studio)``."""
    if find_spec(UI) is None:
        return ()
    mount: Mount = importlib.import_module(UI).mount
    return (mount,)
