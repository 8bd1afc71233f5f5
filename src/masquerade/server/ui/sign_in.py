"""Sign in: over a network, the pages are opened with an admin's key."""

from __future__ import annotations

from nicegui import app as pages
from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from masquerade.server.studio import Studio
from masquerade.server.ui.frame import frame
from masquerade.server.ui.pieces import block, failed, title
from masquerade.server.ui.session import enter

_FORM = """
<form method="post" action="/sign-in" class="stack">
<div class="field"><label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="off" required aria-describedby="why">
<span class="why" id="why">There,
<code>masquerade serve key new --role admin</code> makes one.</span>
</div>
<div><button type="submit" class="btn first">Sign in</button></div></form>
"""


def put_on(studio: Studio) -> None:
    """Puts the page on, and what takes its form."""

    def page(wrong: bool = False) -> None:
        with frame("sign-in"):
            title("Sign in", "These pages are reached over a network, so they ask for a key.")
            if wrong:
                failed(
                    "That key does not open these pages", "It is no admin's key, or was withdrawn"
                )
            block(_FORM, "card")

    async def take(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=4)
        if enter(request, studio, str(form.get("key", ""))):
            return RedirectResponse("/", 303)
        return RedirectResponse("/sign-in?wrong=true", 303)

    ui.page("/sign-in", title="Sign in · Masquerade")(page)
    pages.post("/sign-in", include_in_schema=False)(take)
