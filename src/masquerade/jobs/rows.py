"""Rows of the queue as jobs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from masquerade.jobs.database import Connection, Row, Value
from masquerade.jobs.types import Job, Problem, Progress, State

COLUMNS: Final = (
    "id, seq, kind, spec, owner, state, priority, digest, stage, done, total, eta_s, message,"
    " attempts, created_s, started_s, ended_s, stopping, worker, result, problem"
)


def jobs_where(
    connection: Connection, clause: str, values: tuple[Value, ...], order: str = "seq"
) -> list[Job]:
    """Jobs that a clause of this package chooses, with what each waits for."""
    query = f"SELECT {COLUMNS} FROM jobs WHERE {clause} ORDER BY {order}"  # noqa: S608
    rows = connection.rows(query, values)
    if not rows:
        return []
    marks = ", ".join("?" * len(rows))
    needs: dict[str, list[str]] = {}
    found = connection.rows(
        f"SELECT job, needed FROM needs WHERE job IN ({marks}) ORDER BY needed",  # noqa: S608
        tuple(row[0] for row in rows),
    )
    for job, needed in found:
        needs.setdefault(job, []).append(needed)
    return [_job(row, tuple(needs.get(row[0], ()))) for row in rows]


def _job(row: Row, after: tuple[str, ...]) -> Job:
    return Job(
        id=row[0],
        seq=row[1],
        kind=row[2],
        spec=json.loads(row[3]),
        owner=row[4],
        state=State(row[5]),
        priority=row[6],
        after=after,
        digest=row[7],
        progress=Progress(row[8], row[9], row[10], row[11]),
        message=row[12],
        attempts=row[13],
        created_s=row[14],
        started_s=row[15],
        ended_s=row[16],
        stopping=bool(row[17]),
        worker=row[18],
        result=json.loads(row[19]),
        problem=Problem(**json.loads(row[20])) if row[20] else None,
    )


def problem_text(problem: Problem | None) -> str:
    """A problem as the queue keeps it."""
    return json.dumps(asdict(problem)) if problem else ""
