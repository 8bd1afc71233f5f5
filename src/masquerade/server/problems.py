"""Errors as responses: found, expected, to do, and a status that says whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from masquerade.errors import (
    DiskFullError,
    GivenModelError,
    InputError,
    LimitError,
    MasqueradeError,
    ModelError,
    OutputError,
    ProvenanceError,
    RefusedError,
    UsageError,
)
from masquerade.jobs.asked import unfit_values


class UnknownError(UsageError):
    """What is asked for is not there, or not the caller's."""


class NotAllowedError(UsageError):
    """The caller's role does not cover it."""


class NoKeyError(UsageError):
    """No key was given, or one that is not good."""


class TooManyError(UsageError):
    """More requests than are allowed in a minute.

    Args:
        wait_s: After so many seconds one more is.
        found: What there is too much of.
        expected: How much there may be.
    """

    def __init__(
        self, wait_s: float, found: str = "too many requests", expected: str = "fewer a minute"
    ) -> None:
        super().__init__(found, expected, f"wait {max(1.0, wait_s):.0f} s")
        self.wait_s = wait_s


class SlowError(UsageError):
    """A request that does not come in time."""


class Told(BaseModel):
    """What is wrong with a request."""

    kind: str = Field(examples=["UsageError"])
    found: str = Field(examples=["no job is named job-0"])
    expected: str = Field("", examples=["one of your own"])
    todo: str = Field("", examples=["see GET /v1/jobs"])


class Problem(BaseModel):
    """The body of every response that is an error."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": {
                    "kind": "UsageError",
                    "found": "no method is named 'swop_mesh'",
                    "expected": "one of edit, style, swap_mesh",
                    "todo": "see `masquerade methods`",
                }
            }
        }
    )
    error: Told


_STATUS: Final[tuple[tuple[type[MasqueradeError], int], ...]] = (
    (NoKeyError, 401),
    (NotAllowedError, 403),
    (UnknownError, 404),
    (TooManyError, 429),
    (SlowError, 408),
    (UsageError, 400),
    (RefusedError, 403),
    (LimitError, 413),
    (InputError, 422),
    (ProvenanceError, 409),
    (GivenModelError, 422),
    (ModelError, 409),
    (DiskFullError, 507),
    (OutputError, 409),
    (MasqueradeError, 409),
)
_WORDS: Final = {
    400: "malformed request",
    404: "no such address",
    405: "the address does not take this method",
    413: "the request is too large",
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Problem, "description": "The request makes no sense."},
    401: {"model": Problem, "description": "No key was given, or one that is not good."},
    403: {"model": Problem, "description": "Role, consent or policy says no."},
    404: {"model": Problem, "description": "It is not there, or not yours."},
    408: {"model": Problem, "description": "The request did not come in time."},
    409: {"model": Problem, "description": "What this server holds does not allow it now."},
    413: {"model": Problem, "description": "It is larger than the limits allow."},
    422: {"model": Problem, "description": "A value or a file cannot be used."},
    429: {"model": Problem, "description": "Too many requests."},
    507: {"model": Problem, "description": "The disk is full; what was sent before is kept."},
}
"""What every address may answer besides what it is for."""


def status_of(error: MasqueradeError) -> int:
    """The HTTP status of an error: never a fault without a name."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def response_to(error: MasqueradeError) -> JSONResponse:
    """The response to an error."""
    headers: dict[str, str] = {}
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(max(1, round(error.wait_s)))
    if isinstance(error, NoKeyError):
        headers["WWW-Authenticate"] = "Bearer"
    return _response(status_of(error), type(error).__name__, error, headers)


def add_handlers(app: FastAPI) -> None:
    """Makes every error that is raised on purpose a response."""

    @app.exception_handler(MasqueradeError)
    async def told(_request: Request, error: MasqueradeError) -> JSONResponse:
        return response_to(error)

    @app.exception_handler(RequestValidationError)
    async def unfit(_request: Request, error: RequestValidationError) -> JSONResponse:
        return _response(422, "UsageError", unfit_values(list(error.errors())))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        found = _WORDS.get(error.status_code, str(error.detail))
        todo = "see GET /openapi.json" if request.url.path.startswith("/v1") else ""
        return _response(
            error.status_code, "UsageError", UsageError(found, todo=todo), error.headers
        )


def _response(
    status: int, kind: str, error: MasqueradeError, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    told = {
        "kind": kind,
        "found": error.found,
        "expected": error.expected,
        "todo": error.todo,
    }
    content = {"error": {name: _plain(value) for name, value in told.items()}}
    return JSONResponse(content, status_code=status, headers=dict(headers or {}))


def _plain(text: str) -> str:
    """Text that UTF-8 can hold."""
    return text.encode(errors="replace").decode()
