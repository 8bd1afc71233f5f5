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
from masquerade.server.settings import Settings
from masquerade.server.studio import Studio

Mount: TypeAlias = Callable[[FastAPI, Studio], None]
UI: Final = "masquerade.server.ui"


def create_app(
    settings: Settings | None = None,
    *,
    home: Path | None = None,
    mounts: Sequence[Mount] | None = None,
) -> FastAPI:
    """The application, ready for a server such as uvicorn.

    Args:
        settings: How it is run.
        home: The installation's folder.
        mounts: Each is given the application and the studio once the API is there, and adds pages;
            None for the web pages that come with this package. ``app.state.studio`` is the studio.

    Example:
        >>> app = create_app(mounts=())  # doctest: +SKIP
    """
    studio = Studio.open(settings, home=home)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        studio.queue.close()

    app = FastAPI(title="Masquerade", version=__version__, lifespan=life)
    app.state.studio = studio
    for mount in usual_mounts() if mounts is None else mounts:
        mount(app, studio)
    return app


def usual_mounts() -> tuple[Mount, ...]:
    """The web pages of this package, where they are there: their ``mount(app, studio)``."""
    if find_spec(UI) is None:
        return ()
    mount: Mount = importlib.import_module(UI).mount
    return (mount,)
