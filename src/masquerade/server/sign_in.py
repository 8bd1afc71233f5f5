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
from masquerade.server.ui.icons import mask

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
_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Masquerade</title><style>
:root{{color-scheme:light dark;--paper:#f7f5f2;--surface:#fff;--ink:#221c27;--soft:#5f5766;
--line:#8d8493;--accent:#6a2c70;--on:#fff;--bad:#a1242b}}
@media (prefers-color-scheme:dark){{:root{{--paper:#141117;--surface:#1d1921;--ink:#eee9f1;
--soft:#b0a7b9;--line:#82788d;--accent:#dcaee3;--on:#2a0f2e;--bad:#ff9f9a}}}}
body{{font:1rem/1.6 Roboto,system-ui,-apple-system,"Segoe UI",sans-serif;margin:0;min-height:100vh;
display:grid;place-items:center;background:var(--paper);color:var(--ink)}}
main{{width:min(25rem,100% - 2rem);box-sizing:border-box;padding:2rem;background:var(--surface);
border:1px solid var(--line);border-radius:14px;display:grid;gap:1.1rem}}
h1{{display:flex;align-items:center;gap:.6rem;font-size:1.5rem;letter-spacing:-.02em;margin:0}}
h1 svg{{width:2.2rem;color:var(--accent)}}form{{display:grid;gap:.5rem}}label{{font-weight:550}}
input,button{{font:inherit;width:100%;box-sizing:border-box;min-height:2.9rem;padding:.5rem .8rem;
border-radius:10px;border:1px solid var(--line);background:var(--surface);color:var(--ink)}}
button{{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600;
cursor:pointer;margin-top:.5rem}}
:focus-visible{{outline:3px solid var(--accent);outline-offset:2px}}
p{{margin:0;color:var(--soft);font-size:.92rem}}.bad{{color:var(--bad);font-weight:550}}
.bad:empty{{display:none}}code{{overflow-wrap:anywhere}}</style></head>
<body><main><h1>{sign}Masquerade</h1><form method="post" action="/sign-in">
<label for="key">An admin&rsquo;s key</label>
<input id="key" name="key" type="password" autocomplete="current-password" autofocus required
 aria-describedby="how">
<p class="bad" role="alert">{told}</p><button>Open the studio</button></form>
<p id="how">It begins with <code>mqk_</code>. Whoever runs this server makes one with
<code>masquerade serve key new --role admin --name NAME</code>.</p></main></body></html>"""


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
    return HTMLResponse(_PAGE.format(sign=mask(), told=escape(told)), status, headers)
