"""What can be asked for: kinds of work, methods, signals, each with the schema of its Options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.exceptions import HTTPException
from starlette.routing import Match

from masquerade import __version__, registry
from masquerade.errors import UsageError
from masquerade.jobs.work import REMOTE, kind_of
from masquerade.server.asking import ACaller, AStudio
from masquerade.server.problems import RESPONSES, UnknownError

router = APIRouter(prefix="/v1", tags=["catalogue"], responses=RESPONSES)
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
AName = Annotated[str, Path(min_length=1, max_length=80)]


@router.get("/health", summary="Whether the server is there", responses={})
def health() -> dict[str, str]:
    """Its version; no key is asked for."""
    return {"version": __version__, "status": "ok"}


@router.get("/me", summary="Whose key this is")
def me(caller: ACaller, studio: AStudio) -> dict[str, Any]:
    """Name and role, and how many jobs are in which state."""
    counts = studio.queue.counts(owner=caller.sees)
    return {
        "id": caller.id,
        "name": caller.name,
        "role": caller.role.value,
        "may": caller.role.says,
        "jobs": {state.value: count for state, count in counts.items()},
    }


@router.get("/kinds", summary="Kinds of work")
def kinds(_caller: ACaller) -> list[dict[str, str]]:
    """Every kind, with what it is and what it gives."""
    return [
        {"name": name, "summary": kind_of(name).summary, "gives": kind_of(name).gives}
        for name in REMOTE
    ]


@router.get("/kinds/{name}", summary="What a kind of work takes")
def kind(name: AName, _caller: ACaller) -> dict[str, Any]:
    """Its schema: types, ranges, defaults, and a sentence for each field."""
    if name not in REMOTE:
        raise UnknownError(f"no kind of work is named {name!r}", "one of " + ", ".join(REMOTE))
    found = kind_of(name)
    return {
        "name": name,
        "summary": found.summary,
        "gives": found.gives,
        "schema": found.Spec.model_json_schema(),
    }


@router.get("/methods", summary="Methods")
def methods(_caller: ACaller) -> list[dict[str, str]]:
    """Every method that is installed."""
    return _entries("methods")


@router.get("/methods/{name}", summary="Options of a method")
def method(name: AName, _caller: ACaller) -> dict[str, Any]:
    """Its schema, and the words that its options take."""
    found = _described(name, "methods")
    return found | {"vocabulary": dict(registry.vocabulary(registry.get(name)))}


@router.get("/signals", summary="Signals")
def signals(_caller: ACaller) -> list[dict[str, str]]:
    """Everything that an examination looks at."""
    return _entries("signals")


@router.get("/signals/{name}", summary="Options of a signal")
def signal(name: AName, _caller: ACaller) -> dict[str, Any]:
    """Its schema, and what it cannot tell."""
    found = _described(name, "signals")
    return found | {"limits": registry.get(name, "signals").limits}


def unknown_router(others: Sequence[APIRouter]) -> APIRouter:
    """What answers below /v1 where none of the others does; it comes after them."""
    last = APIRouter(prefix="/v1", include_in_schema=False)

    @last.api_route("/{rest:path}", methods=_METHODS)
    def unknown(request: Request) -> None:
        """No address of the API; or one that takes other methods."""
        taken = {
            name
            for router in others
            for route in router.routes
            if route.matches(request.scope)[0] is Match.PARTIAL
            for name in getattr(route, "methods", None) or ()
        }
        if taken:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(taken))})
        raise HTTPException(404)

    return last


def _entries(group: str) -> list[dict[str, str]]:
    return [
        {"name": name, "summary": registry.entry(name, group).summary}
        for name in registry.names(group)
    ]


def _described(name: str, group: str) -> dict[str, Any]:
    try:
        module = registry.get(name, group)
    except UsageError as error:
        raise UnknownError(error.found, error.expected) from None
    return {
        "name": name,
        "summary": registry.entry(name, group).summary,
        "schema": module.Options.model_json_schema(),
    }
