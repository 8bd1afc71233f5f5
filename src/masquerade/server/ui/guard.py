"""What every request to the pages has to pass: the right host, the right origin, a bounded size.

A page of somebody else that is open in the same browser can send requests to this machine. Its
address stands in ``Origin``, which no script can change; and a name that somebody points at this
machine stands in ``Host``. Both are checked before anything else looks at the request.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masquerade.errors import MasqueradeError
from masquerade.server.bodies import Bounds, bounded, too_long
from masquerade.server.origins import is_foreign
from masquerade.server.problems import status_of

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_API: Final = "/v1/"  # asks for a key each time, so that no page can use it unasked
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ROOM: Final = 1024 * 1024  # for the parts of a form around a file
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self'"
    " 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:;"
    " connect-src 'self' ws: wss:; frame-src 'self'; frame-ancestors 'self'; object-src 'none';"
    " base-uri 'none'; form-action 'self'"
)


class Guard:
    """Lets through what may come in.

    Args:
        app: What stands behind it.
        hosts: Names under which the server may be addressed; empty: under any.
        most_bytes: Of a request's body.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], most_bytes: int) -> None:
        self._app, self._hosts, self._most = app, frozenset(hosts), most_bytes + _ROOM

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refused(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        bounds = Bounds(self._most, whole_s=math.inf)
        await bounded(self._app, scope, receive, _with_headers(send), bounds, _refused)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return PlainTextResponse("This server does not answer to that name.", 421)
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if changes and is_foreign(headers):
            return PlainTextResponse("Requests from other sites' pages are refused.", 403)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most:
            return _refused(too_long(int(length), self._most))
        return None


def _refused(error: MasqueradeError) -> PlainTextResponse:
    return PlainTextResponse(f"{error.found}; expected: {error.expected}", status_of(error))


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    return (urlsplit(f"//{host}").hostname or "") if host else ""


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("Content-Security-Policy", _POLICY)
        await send(message)

    return sent
