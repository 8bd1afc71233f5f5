"""What every address of the API needs to know: the studio, and who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias, TypeVar

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from masquerade.server.caller import Caller, Role
from masquerade.server.problems import NoKeyError, NotAllowedError
from masquerade.server.studio import Studio

Read = TypeVar("Read")
CALLER: Final = "masquerade.key"
"""Where a request's scope holds who asks, once `masquerade.server.gate` has let them through."""
_bearer = HTTPBearer(
    auto_error=False, description="A key, as `masquerade serve key new --role ROLE` shows it once."
)


async def read(studio: Studio, call: Callable[[], Read]) -> Read:
    """What a short read of the queue gives: at once where it is quick, else from a thread."""
    return call() if studio.queue.database.quick else await run_in_threadpool(call)


async def _studio(request: Request) -> Studio:
    found: Studio = request.app.state.studio
    return found


async def _caller(
    request: Request,
    _given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Who asks, as the gate found out; nobody comes here past it."""
    found: Caller | None = request.scope.get(CALLER)
    if found is None:
        raise NoKeyError("nobody asked for a key", "a request that came through the gate")
    return found


async def _admin(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if caller.role is not Role.ADMIN:
        raise NotAllowedError(f"a {caller.role}'s key", "an admin's", "ask an admin")
    return caller


AStudio: TypeAlias = Annotated[Studio, Depends(_studio)]
ACaller: TypeAlias = Annotated[Caller, Depends(_caller)]
AnAdmin: TypeAlias = Annotated[Caller, Depends(_admin)]
