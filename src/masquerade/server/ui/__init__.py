"""The web pages: made of Python on the same jobs as everything else, with no outside host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from masquerade.errors import UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from masquerade.server.studio import Studio


def mount(app: FastAPI, studio: Studio) -> None:
    """Puts the pages on an application.

    Raises:
        UsageError: What draws them is not installed.
    """
    try:
        from masquerade.server.ui.site import put_on
    except ImportError as error:
        raise UsageError(
            f"the pages cannot be drawn: {error}",
            "the packages of the extra `server`",
            "pip install 'masquerade[server]'",
        ) from error
    put_on(app, studio)
