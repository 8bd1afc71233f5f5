"""Files that pages send: each in one request, onto the shelf of the session that sends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Query
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from masquerade.errors import MasqueradeError, UsageError
from masquerade.server.problems import NotAllowedError, response_to
from masquerade.server.studio import Studio
from masquerade.server.ui.session import has_entered, shelf_of_request
from masquerade.server.ui.shelf import Kept

PLACE: Final = "/shelf"
_LONGEST: Final = 1000


def arrival_route(studio: Studio) -> Callable[..., Awaitable[Response]]:
    """Takes a file as the body of a request, and says under which name it is kept."""

    async def arrive(
        request: Request, name: Annotated[str, Query(max_length=_LONGEST)] = "file"
    ) -> Response:
        try:
            kept = await _kept(request, studio, name)
        except ClientDisconnect:  # nobody is there to be told
            return Response(status_code=400)
        except MasqueradeError as error:
            return response_to(error)
        return JSONResponse({"id": kept.id, "name": kept.name}, 201)

    return arrive


async def _kept(request: Request, studio: Studio, name: str) -> Kept:
    """The file of a request.

    Raises:
        NotAllowedError: The browser opened no page before.
        UsageError: It does not say how long the file is.
        TooManyError: Too many are on their way already.
        InputError: The file did not come whole.
        LimitError: It is too large, or the quota is used up.
        OutputError: It cannot be kept.
    """
    if not has_entered(request, studio):
        raise NotAllowedError("this browser opened no page before", "", "load the page again")
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 19):
        raise UsageError("the request does not say how long the file is", "Content-Length")
    shelf = shelf_of_request(request, studio)
    with studio.parts.taken(f"page {request.session['id']}"):
        return await shelf.keep(name, request.stream(), size=int(length), files=studio.files)
