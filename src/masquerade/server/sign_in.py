"""The pages behind a key: who opens them says it once, and carries a signed cookie from then on.

The pages work with everything that this installation holds, so they are an admin's. The cookie is
sent by this site's own pages alone (``SameSite=Strict``), no script can read it, and it stops being
good with the key that it was given for.
"""

from __future__ import annotations

import hmac
import secrets
import time
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masquerade.jobs.place import studio_folder
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.home import create_once
from masquerade.server import audit
from masquerade.server.caller import Caller, Role
from masquerade.server.origins import is_foreign
from masquerade.server.problems import TooManyError
from masquerade.server.studio import Studio

COOKIE: Final = "masquerade"
PLACE: Final = "/sign-in"
SIGNED_IN: Final = "masquerade.caller"
"""Where a request's scope holds who carries a good cookie; nowhere else can set it."""
_KEY_FILE: Final = "sessions.key"
_API: Final = "/v1/"
_OPEN: Final = frozenset({"/openapi.json", "/docs"})
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_MOST_FORM: Final = 4096
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Masquerade</title>
<style>:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui;margin:12vh auto;padding:1rem;
max-width:24rem}}input,button{{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;
margin:.4rem 0}}.bad{{color:#c0392b}}</style>
<h1>Masquerade</h1><form method="post" action="/sign-in">
<label for="key">An admin&rsquo;s key</label>
<input id="key" name="key" type="password" autocomplete="current-password" autofocus required>
<button>Open the studio</button></form>
<p class="bad" role="alert">{told}</p>
<p>A key is made on the server by <code>masquerade serve key new --role admin</code>.</p></html>"""


class SignIn:
    """Lets those through to the pages who hold an admin's key.

    Args:
        app: What stands behind it.
        studio: Whose keys.
    """

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app, self._studio = app, studio
        place = studio_folder(studio.home) / _KEY_FILE
        self._key = create_once(place, lambda: secrets.token_bytes(32))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope.get("path", "")
        is_open = path.startswith(_API) or path in _OPEN
        if scope["type"] not in ("http", "websocket") or is_open:
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and not self._is_named(Headers(scope=scope)):
            told = "This server does not answer to that name; see masquerade serve --names."
            await PlainTextResponse(told, 421)(scope, receive, send)
        elif scope["path"] == PLACE and scope["type"] == "http":
            await (await self._asked(Request(scope, receive)))(scope, receive, send)
        elif (caller := self._caller(HTTPConnection(scope))) is not None:
            heard = self._while_good(scope, receive) if scope["type"] == "websocket" else receive
            await self._app({**scope, SIGNED_IN: caller}, heard, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await RedirectResponse(PLACE, 303)(scope, receive, send)

    def _while_good(self, scope: Scope, receive: Receive) -> Receive:
        """What an open page says, until its cookie is good no more: it is then taken as closed."""

        async def received() -> Message:
            message = await receive()
            if self._caller(HTTPConnection(scope)) is None:
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return received

    def _is_named(self, headers: Headers) -> bool:
        """Whether a browser used one of the names that were given, where any were."""
        settings = self._studio.settings
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        return not settings.names or name in {*settings.names, *_LOOPBACK, settings.host}

    async def _asked(self, request: Request) -> Response:
        """The form, or what came of it."""
        if request.method != "POST":
            known = self._caller(request) is not None
            return RedirectResponse("/", 303) if known else _page("")
        address = request.client.host if request.client else "unknown"
        try:
            self._studio.rates.take(f"sign-in {address}")
        except TooManyError as error:
            return _page(f"{error.found}; {error.todo}", 429)
        if is_foreign(request.headers):
            return _page("The form was sent from another site.", 403)
        caller = self._studio.keys.caller(await _key_in(request))
        if caller is None or caller.role is not Role.ADMIN:
            return _page("That is no admin’s key.", 403)
        audit.note("signed in", caller.id, caller, home=self._studio.home)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            self._cookie(caller),
            max_age=self._studio.settings.session_hours * 3600,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    def _cookie(self, caller: Caller) -> str:
        until = int(time.time()) + self._studio.settings.session_hours * 3600
        return f"{caller.id}.{until}.{self._signature(caller.id, until)}"

    def _caller(self, connection: HTTPConnection) -> Caller | None:
        """Who carries a cookie that is good, for a key that still is; None where nobody does."""
        key_id, _, rest = connection.cookies.get(COOKIE, "").partition(".")
        until, _, signature = rest.partition(".")
        if not until.isascii() or not until.isdigit() or len(until) > 12:
            return None
        wanted = self._signature(key_id, int(until))
        if not hmac.compare_digest(wanted.encode(), signature.encode(errors="replace")):
            return None
        caller = self._studio.keys.holds(key_id) if time.time() < int(until) else None
        return caller if caller is not None and caller.role is Role.ADMIN else None

    def _signature(self, key_id: str, until: int) -> str:
        return hmac.digest(self._key, canonical_bytes([key_id, until]), "sha256").hex()


async def _key_in(request: Request) -> str:
    """What was typed; empty where the form is no such form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_FORM:
            return ""
    return parse_qs(body.decode(errors="replace")).get("key", [""])[0].strip()


def _page(told: str, status: int = 200) -> Response:
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",  # under none, browsers hide where the form comes from
    }
    return HTMLResponse(_PAGE.format(told=escape(told)), status, headers)
