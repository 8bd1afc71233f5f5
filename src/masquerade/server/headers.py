"""What every response carries, and how large a request may be: seen to before anything else."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masquerade.server.bodies import Bounds, bounded, too_long
from masquerade.server.problems import response_to

_JSON_BYTES: Final = 1024 * 1024
_PART_BYTES: Final = 17 * 1024 * 1024
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_HEARING: Final = {"Permissions-Policy": "camera=(), microphone=(self), geolocation=()"}
_HEARS: Final = frozenset({"/consents", "/make"})  # where a statement of consent is recorded
_API: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
}


class Fenced:
    """Headers on every response; requests to the API no longer than they need to be.

    Args:
        app: What stands behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_api = scope["path"].startswith("/v1/")
        hears = _HEARING if scope["path"] in _HEARS else {}
        sent = _with(send, _ALWAYS | hears | (_API if is_api else {}))
        if not is_api:
            await self._app(scope, receive, sent)
            return
        most = _PART_BYTES if scope["method"] == "PATCH" else _JSON_BYTES
        length = Headers(scope=scope).get("content-length", "0")
        told = int(length[:18]) if length.isascii() and length.isdigit() else 0
        if told > most:
            await response_to(too_long(told, most))(scope, receive, sent)
            return
        await bounded(self._app, scope, receive, sent, Bounds(most), response_to)


def _with(send: Send, wanted: dict[str, str]) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in wanted.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
