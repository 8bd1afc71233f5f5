"""Bodies of requests that are too long, or never come: refused in words, whoever reads them.

What reads a body is told that the client went away, and whatever it then answers is held back: the
refusal is sent in its place.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from masquerade.errors import LimitError, MasqueradeError
from masquerade.server.problems import SlowError

Refuse: TypeAlias = Callable[[MasqueradeError], ASGIApp]
_CARRYING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request's body may be.

    Attributes:
        most_bytes: Its length.
        idle_s: So long nothing may come of it.
        whole_s: So long all of it may take.
    """

    most_bytes: int
    idle_s: float = 30.0
    whole_s: float = 300.0


@dataclass(slots=True)
class _State:
    """How far one request is."""

    count: int = 0
    is_read: bool = False
    is_answered: bool = False
    fault: MasqueradeError | None = None


async def bounded(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, bounds: Bounds, refuse: Refuse
) -> None:
    """Passes a request on, and answers in the application's place where its body is not bounded.

    Args:
        app: What stands behind.
        scope: The request; likewise `receive` and `send`.
        receive: See there.
        send: See there.
        bounds: What the body may be.
        refuse: Makes an answer of an error.
    """
    state, ends = _State(is_read=scope["method"] not in _CARRYING), time.monotonic()
    ends += bounds.whole_s

    async def received() -> Message:
        if state.fault is not None:
            return {"type": "http.disconnect"}
        if state.is_read:
            return await receive()
        message = await _within(receive(), min(bounds.idle_s, ends - time.monotonic()))
        if message is None:
            state.fault = SlowError("the request's body did not come in time")
            return {"type": "http.disconnect"}
        state.count += len(message.get("body", b""))
        state.is_read = not message.get("more_body", False)
        if state.count > bounds.most_bytes:
            state.fault = too_long(state.count, bounds.most_bytes)
            return {"type": "http.disconnect"}
        return message

    async def sent(message: Message) -> None:
        if state.fault is None or state.is_answered:
            state.is_answered = True
            await send(message)

    try:
        await app(scope, received, sent)
    except ClientDisconnect:
        if state.fault is None:
            raise
    if state.fault is not None and not state.is_answered:
        await refuse(state.fault)(scope, receive, send)


def too_long(count: int, most: int) -> LimitError:
    """What is said of a body that is longer than it may be."""
    return LimitError(f"a request of {count} bytes or more", f"at most {most}", "send less")


async def _within(message: Awaitable[Message], seconds: float) -> Message | None:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            return await message
    except TimeoutError:
        return None
