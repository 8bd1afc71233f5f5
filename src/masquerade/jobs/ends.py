"""What the end of a job means for those that wait for it: they end, and come back, with it."""

from __future__ import annotations

from typing import Final

from masquerade.errors import UsageError
from masquerade.jobs.database import Connection
from masquerade.jobs.rows import jobs_where, problem_text
from masquerade.jobs.types import Job, Problem, State

ATTEMPTS: Final = 3
"""How often a job is begun before it is given up."""
SAME: Final = (
    "owner = ? AND digest = ? AND digest <> '' AND state IN ('waiting', 'running', 'done')"
)
"""Chooses the job that does, or did, the same work for an owner: by owner and digest."""
_ENDED_BY: Final = "stopped, because a job that it waits for did not get done: "


def end_dependants(connection: Connection, job_id: str, now_s: float) -> None:
    """Ends all that waits, directly or not, for a job that will not be done."""
    waiting = connection.rows(
        "SELECT id FROM jobs JOIN needs ON needs.job = jobs.id"
        " WHERE needs.needed = ? AND state = 'waiting'",
        (job_id,),
    )
    for (one,) in waiting:
        connection.change(
            "UPDATE jobs SET state = 'cancelled', ended_s = ?, message = ?"
            " WHERE id = ? AND state = 'waiting'",
            (now_s, _ENDED_BY + job_id, one),
        )
        end_dependants(connection, one, now_s)


def put_back(connection: Connection, job: Job) -> None:
    """Makes a job wait again, and all that its end had ended."""
    same = jobs_where(connection, SAME, (job.owner, job.digest))
    if same:
        raise UsageError(
            f"{same[0].id} does the same work, and is {same[0].state}", "a job of its own kind",
            "look at that one",
        )  # fmt: skip
    connection.change(
        "UPDATE jobs SET state = 'waiting', ended_s = NULL, started_s = NULL, attempts = 0,"
        " stopping = 0, message = '', problem = '', worker = '' WHERE id = ?",
        (job.id,),
    )
    ended = jobs_where(connection, "state = 'cancelled' AND message = ?", (_ENDED_BY + job.id,))
    for one in ended:
        put_back(connection, one)


def give_up(connection: Connection, now_s: float, lock: str) -> None:
    """Ends jobs whose workers went away too often, or that were to stop anyway.

    Args:
        connection: To write with.
        now_s: The database's time.
        lock: Passes over jobs that another worker is just ending.
    """
    lost = connection.rows(
        "SELECT id, stopping FROM jobs WHERE state = 'running' AND lease_s < ?"  # noqa: S608
        f" AND (attempts >= ? OR stopping = 1) ORDER BY seq{lock}",
        (now_s, ATTEMPTS),
    )
    for job_id, stopping in lost:
        state, message = State.CANCELLED, "stopped on request"
        problem = None
        if not stopping:
            state, message = State.FAILED, f"its worker went away {ATTEMPTS} times"
            problem = Problem(
                "MasqueradeError",
                f"the worker went away {ATTEMPTS} times while it was at work on this",
                "a job that a worker lives through",
                "see the log; free memory and disk, then `masquerade jobs retry`",
            )
        connection.change(
            "UPDATE jobs SET state = ?, ended_s = ?, lease_s = NULL, stopping = 0, message = ?,"
            " problem = ? WHERE id = ?",
            (state.value, now_s, message, problem_text(problem), job_id),
        )
        end_dependants(connection, job_id, now_s)
