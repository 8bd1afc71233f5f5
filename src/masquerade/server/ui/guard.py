"""What every request to the pages has to pass: the right host, the right origin, a bounded size.

A page of somebody else that is open in the same browser can send requests to this machine. Its
address stands in ``Origin``, which no script can change; and a name that somebody points at this
machine stands in ``Host``. Both are checked before anything else looks at the request.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masquerade.errors import MasqueradeError
from masquerade.server.bodies import Bounds, bounded, too_long
from masquerade.server.origins import is_foreign
from masquerade.server.problems import response_to, status_of
from masquerade.server.ui.arrivals import PLACE

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_API: Final = "/v1/"  # asks for a key each time, so that no page can use it unasked
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PLAIN_BYTES: Final = 1024 * 1024  # of what is no file
_WHOLE_S: Final = 300.0
_LEAST_BYTES_S: Final = 125_000  # a megabit: whoever sends slower than that for long is let go
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
        most_bytes: Of a file that a page sends; other bodies are short.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], most_bytes: int) -> None:
        self._app, self._hosts, self._most = app, frozenset(hosts), most_bytes

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
        refuse = response_to if scope["path"] == PLACE else _refused
        await bounded(self._app, scope, receive, _with_headers(send), self._bounds(scope), refuse)

    def _bounds(self, scope: Scope) -> Bounds:
        """What a body may be: of a file, the longer it is said to be the more time it has."""
        if scope["path"] != PLACE:
            return Bounds(_PLAIN_BYTES)
        length = _length(Headers(scope=scope))
        return Bounds(self._most, whole_s=_WHOLE_S + length / _LEAST_BYTES_S)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return PlainTextResponse("This server does not answer to that name.", 421)
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        read_by_script = "origin" in headers  # a link that is followed says none
        if (changes or read_by_script) and is_foreign(headers):
            return PlainTextResponse("Requests from other sites' pages are refused.", 403)
        length, most = _length(headers), self._bounds(scope).most_bytes
        if length > most:
            refuse = response_to if scope["path"] == PLACE else _refused
            return refuse(too_long(length, most))
        return None


def _refused(error: MasqueradeError) -> PlainTextResponse:
    return PlainTextResponse(f"{error.found}; expected: {error.expected}", status_of(error))


def _length(headers: Headers) -> int:
    """How long a body is said to be; 0 where nothing is said."""
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


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
