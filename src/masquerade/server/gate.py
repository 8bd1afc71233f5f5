"""Who asks is found out before anything else of a request to the API is read."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from masquerade.errors import MasqueradeError
from masquerade.server.asking import CALLER, read
from masquerade.server.caller import Caller
from masquerade.server.problems import NoKeyError, response_to
from masquerade.server.studio import Studio

API: Final = "/v1/"
_OPEN: Final = ("/v1/health", "/v1/files/")  # the one says nothing, the others are signed
_SCHEME: Final = "bearer "
_TODO: Final = "`masquerade serve key new --role ROLE` makes one, on the server; or ask an admin"


class Gate:
    """Lets requests to the API through that carry a key, each within its holder's rate.

    A body is not read, and an address not looked up, for anybody else.

    Args:
        app: What stands behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(API) or path.startswith(_OPEN):
            await self._app(scope, receive, send)
            return
        studio: Studio = scope["app"].state.studio
        try:
            caller = await _caller(scope, studio)
            turn = _turn(scope, studio, caller)
            with turn:
                await self._app({**scope, CALLER: caller}, receive, send)
        except MasqueradeError as error:
            await response_to(error)(scope, receive, send)


async def _caller(scope: Scope, studio: Studio) -> Caller:
    """Who asks; each request counts against their rate, also one without a good key.

    Raises:
        NoKeyError: Nobody who has a key.
        TooManyError: They asked too often.
    """
    address = scope["client"][0] if scope.get("client") else "unknown"
    given = Headers(scope=scope).get("authorization", "")
    secret = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
    if not secret:
        studio.rates.take(address)
        raise NoKeyError("no key was given", "Authorization: Bearer mqk_...", _TODO)
    found = await read(studio, lambda: studio.keys.caller(secret))
    if found is None:
        studio.rates.take(address)
        raise NoKeyError("the key is not good", "one that was not withdrawn", _TODO)
    studio.rates.take(found.id)
    return found


def _turn(scope: Scope, studio: Studio, caller: Caller) -> AbstractContextManager[None]:
    """What a request holds while it lasts: parts of files memory, progress a connection."""
    if scope["method"] == "PATCH":
        return studio.parts.taken(caller.id)
    if scope["path"].endswith("/events"):
        return studio.streams.taken(caller.id)
    return nullcontext()
