"""Rows of the queue as jobs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from masquerade.jobs.database import Connection, Row, Value
from masquerade.jobs.types import Job, Problem, Progress, State

COLUMNS: Final = (
    "id, seq, kind, spec, owner, folder, state, priority, digest, stage, done, total, eta_s,"
    " message, attempts, created_s, started_s, ended_s, stopping, worker, result, problem"
)
_AT_ONCE: Final = 1000  # databases take so many values in a statement, and not many more


def jobs_where(
    connection: Connection, clause: str, values: tuple[Value, ...], order: str = "seq"
) -> list[Job]:
    """Jobs that a clause of this package chooses, with what each waits for."""
    query = f"SELECT {COLUMNS} FROM jobs WHERE {clause} ORDER BY {order}"  # noqa: S608
    rows = connection.rows(query, values)
    if not rows:
        return []
    needs: dict[str, list[str]] = {}
    for start in range(0, len(rows), _AT_ONCE):
        names = tuple(row[0] for row in rows[start : start + _AT_ONCE])
        marks = ", ".join("?" * len(names))
        found = connection.rows(
            f"SELECT job, needed FROM needs WHERE job IN ({marks}) ORDER BY needed",  # noqa: S608
            names,
        )
        for job, needed in found:
            needs.setdefault(job, []).append(needed)
    return [_job(row, tuple(needs.get(row[0], ()))) for row in rows]


def _job(row: Row, after: tuple[str, ...]) -> Job:
    job_id, seq, kind, spec, owner, folder, state, priority, digest, *rest = row
    stage, done, total, eta_s, message, attempts, *rest = rest
    created_s, started_s, ended_s, stopping, worker, result, problem = rest
    return Job(
        id=job_id,
        seq=seq,
        kind=kind,
        spec=json.loads(spec),
        owner=owner,
        folder=folder,
        state=State(state),
        priority=priority,
        after=after,
        digest=digest,
        progress=Progress(stage, done, total, eta_s),
        message=message,
        attempts=attempts,
        created_s=created_s,
        started_s=started_s,
        ended_s=ended_s,
        stopping=bool(stopping),
        worker=worker,
        result=json.loads(result),
        problem=Problem(**json.loads(problem)) if problem else None,
    )


def problem_text(problem: Problem | None) -> str:
    """A problem as the queue keeps it."""
    return json.dumps(asdict(problem)) if problem else ""
