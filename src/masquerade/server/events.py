"""What happens to a job, told as it happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool

from masquerade.errors import UsageError
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import Job, LogLine
from masquerade.provenance.canonical import Json

_LOOK_S: Final = 0.25
_ALIVE_S: Final = 15.0  # proxies close what is silent for longer


async def told_while_it_lasts(
    queue: Queue,
    job_id: str,
    is_gone: Callable[[], Awaitable[bool]],
    may_see: Callable[[], bool],
) -> AsyncIterator[tuple[str, dict[str, Json]]]:
    """Events until the job ends or nobody listens: ``job``, ``line``, ``alive``, ``end``.

    Args:
        queue: Where the job is.
        job_id: The job.
        is_gone: Whether the listener went away.
        may_see: Whether the listener's key is still good; the events end with it.
    """
    before: dict[str, Json] = {}
    number, told_s = 0, time.monotonic()
    while not await is_gone():
        try:
            news = await run_in_threadpool(_news, queue, job_id, number, may_see)
        except UsageError:  # its account was swept meanwhile
            return
        if news is None:
            return
        job, lines = news
        for line in lines:
            number = line.number
            yield "line", {"number": line.number, "text": line.text}
        now = job.as_json()
        if now != before or lines:
            before, told_s = now, time.monotonic()
            yield "end" if job.ended else "job", now
        if job.ended:
            return
        if time.monotonic() - told_s > _ALIVE_S:
            told_s = time.monotonic()
            yield "alive", {}
        await asyncio.sleep(_LOOK_S)


def _news(
    queue: Queue, job_id: str, number: int, may_see: Callable[[], bool]
) -> tuple[Job, list[LogLine]] | None:
    return (queue.show(job_id), queue.log(job_id, after=number)) if may_see() else None
