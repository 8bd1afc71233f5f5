"""Whose browser it is: a signed cookie, and the shelf of files that goes with it."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from nicegui import app
from starlette.requests import Request

from masquerade.errors import InputError
from masquerade.jobs.place import studio_folder
from masquerade.provenance.home import create_once
from masquerade.server.sign_in import SIGNED_IN
from masquerade.server.studio import Studio
from masquerade.server.ui.shelf import Shelf


def secret(home: Path | None = None) -> str:
    """What cookies are signed with: drawn once for an installation, readable by its owner only.

    Raises:
        ProvenanceError: It cannot be made or kept private.
    """
    path = studio_folder(home) / "cookies.key"
    return base64.b64encode(create_once(path, lambda: secrets.token_bytes(32))).decode("ascii")


def may_enter(request: Request, studio: Studio) -> bool:
    """Whether a browser may see the pages: all may, unless an admin's key is asked for."""
    return not studio.settings.asks_pages or SIGNED_IN in request.scope


def shelf_of(studio: Studio) -> Shelf:
    """The shelf of the session whose page is being built."""
    return Shelf(str(app.storage.browser["id"]), studio.home)


def shelf_of_request(request: Request, studio: Studio) -> Shelf:
    """The shelf of the session that asks for a file.

    Raises:
        InputError: It has no session, or may not enter.
    """
    if not has_entered(request, studio):
        raise InputError("this browser has no session", "", "open a page first")
    return Shelf(str(request.session["id"]), studio.home)


def has_entered(request: Request, studio: Studio) -> bool:
    """Whether a browser has opened a page before, and may."""
    known = "session" in request.scope and "id" in request.session
    return known and may_enter(request, studio)
