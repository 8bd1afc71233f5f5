"""The queue: who asked for what, what waits for what, who works on it, what came of it.

A worker holds a job by a lease that it renews while it works. A worker that is killed renews
nothing, so another one takes the job again, and the pipeline goes on from the parts that were
finished. A job that ends so several times is given up: it may be what kills workers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

from masquerade.errors import UsageError
from masquerade.jobs.clash import settled
from masquerade.jobs.database import ClashError, Connection, Database, Value
from masquerade.jobs.database_at import database_at
from masquerade.jobs.ends import SAME, end_dependants, give_up, put_back
from masquerade.jobs.rows import jobs_where, problem_text
from masquerade.jobs.types import (
    ENDED,
    Job,
    LogLine,
    Problem,
    Progress,
    Spec,
    State,
    Submitted,
)
from masquerade.provenance.canonical import Json

LEASE_S: Final = 30.0
"""How long a worker that is not heard of keeps a job."""
MOST_LINES: Final = 2000
"""Of a job's log."""
MOST_PRIORITY: Final = 100
_FREE: Final = (
    "NOT EXISTS (SELECT 1 FROM needs JOIN jobs needed ON needed.id = needs.needed"
    " WHERE needs.job = jobs.id AND needed.state <> 'done')"
)


class Queue:
    """Jobs in a database; any number of processes and machines may hold one.

    Args:
        place: A file, or a URL that begins with ``postgresql://``; or a database.
        lease_s: How long a worker that is not heard of keeps a job.

    Example:
        >>> queue = Queue("jobs.sqlite")  # doctest: +SKIP
        >>> queue.submit("examine", {"target": "clip.mp4"}).job.state  # doctest: +SKIP
        <State.WAITING: 'waiting'>
    """

    def __init__(self, place: Path | str | Database, *, lease_s: float = LEASE_S) -> None:
        self.database = database_at(place) if isinstance(place, str | Path) else place
        self.lease_s = lease_s

    @settled
    def submit(
        self,
        kind: str,
        spec: Spec,
        *,
        owner: str = "",
        folder: str = "",
        priority: int = 0,
        after: Iterable[str] = (),
        digest: str = "",
        job_id: str = "",
    ) -> Submitted:
        """The job, new; or the one that does, or did, the same work for the same owner.

        Args:
            kind: What is done; see `masquerade.jobs.work.KINDS`.
            spec: What is asked for; `masquerade.jobs.work.read_spec` says whether it can be.
            owner: Key of whoever asks; empty for this machine's own user.
            folder: Where names of files are looked for; empty for a folder of the job's own.
            priority: From -100 to 100; higher comes first.
            after: Jobs of the same owner that must be done before.
            digest: Of all that decides the result; empty: never the same as another.
            job_id: Its name, if one was given out before.

        Raises:
            UsageError: A job that it waits for is not there, or will not be done.
        """
        needed = tuple(dict.fromkeys(after))
        if not -MOST_PRIORITY <= priority <= MOST_PRIORITY:
            raise UsageError(f"priority {priority}", f"-{MOST_PRIORITY} to {MOST_PRIORITY}")
        name = job_id or new_job_id()
        now_s = self.database.now_s()
        with self.database.writing() as connection:
            _check_needed(connection, needed, owner)
            added = connection.change(
                "INSERT INTO jobs (id, kind, spec, owner, folder, state, priority, digest,"
                " created_s) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?) ON CONFLICT DO NOTHING",
                (name, kind, json.dumps(spec), owner, folder, priority, digest, now_s),
            )
            if not added:
                same = jobs_where(connection, SAME, (owner, digest))
                if not same:  # it failed, or was stopped, this moment
                    raise ClashError(f"{name} was asked for twice", "a name of its own")
                return Submitted(same[0], is_new=False)
            for one in needed:
                connection.change("INSERT INTO needs (job, needed) VALUES (?, ?)", (name, one))
            (job,) = jobs_where(connection, "id = ?", (name,))
        return Submitted(job, is_new=True)

    def same_work(self, owner: str, digest: str) -> Job | None:
        """The job that does, or did, the same work for the same owner."""
        with self.database.reading() as connection:
            found = jobs_where(connection, SAME, (owner, digest))
        return found[0] if found else None

    def list_jobs(
        self,
        *,
        owner: str | None = None,
        states: Sequence[State] = (),
        kinds: Sequence[str] = (),
        before_seq: int | None = None,
        limit: int = 100,
    ) -> list[Job]:
        """Jobs, newest first: all, or those of an owner, in some states, of some kinds."""
        clauses, values = ["1 = 1"], list[Value]()
        if owner is not None:
            clauses.append("owner = ?")
            values.append(owner)
        for column, chosen in (("state", [one.value for one in states]), ("kind", list(kinds))):
            if chosen:
                clauses.append(f"{column} IN ({', '.join('?' * len(chosen))})")
                values += chosen
        if before_seq is not None:
            clauses.append("seq < ?")
            values.append(before_seq)
        values.append(limit)
        with self.database.reading() as connection:
            return jobs_where(connection, " AND ".join(clauses), tuple(values), "seq DESC LIMIT ?")

    def show(self, job_id: str, *, owner: str | None = None) -> Job:
        """The job of that name.

        Raises:
            UsageError: There is none, or it is somebody else's.
        """
        with self.database.reading() as connection:
            return _one(connection, job_id, owner)

    def log(self, job_id: str, *, after: int = 0) -> list[LogLine]:
        """Lines of a job's log beyond that number."""
        with self.database.reading() as connection:
            rows = connection.rows(
                "SELECT number, time_s, text FROM lines WHERE job = ? AND number > ?"
                " ORDER BY number",
                (job_id, after),
            )
        return [LogLine(*row) for row in rows]

    @settled
    def cancel(self, job_id: str, *, owner: str | None = None) -> Job:
        """The job, which ends at once where it waits, and soon where it is worked on.

        Raises:
            UsageError: There is none, or it has ended.
        """
        now_s = self.database.now_s()
        with self.database.writing() as connection:
            job = _one(connection, job_id, owner, hold=connection.own)
            if job.ended:
                raise UsageError(f"{job_id} is {job.state}", "a job that waits or runs")
            connection.change(
                "UPDATE jobs SET stopping = 1 WHERE id = ? AND state = 'running'", (job_id,)
            )
            stopped = connection.change(
                "UPDATE jobs SET state = 'cancelled', ended_s = ?, message = 'stopped on request'"
                " WHERE id = ? AND state = 'waiting'",
                (now_s, job_id),
            )
            if stopped:
                end_dependants(connection, job_id, now_s)
            return _one(connection, job_id, owner)

    @settled
    def retry(self, job_id: str, *, owner: str | None = None) -> Job:
        """The job, to be done again; also those that were stopped because it was not done.

        Raises:
            UsageError: There is none, it has not failed, or the same work was asked for again.
        """
        with self.database.writing() as connection:
            job = _one(connection, job_id, owner, hold=connection.own)
            if job.state not in (State.FAILED, State.CANCELLED):
                raise UsageError(f"{job_id} is {job.state}", "a job that failed or was cancelled")
            _check_needed(connection, job.after, job.owner)
            put_back(connection, job)
            return _one(connection, job_id, owner)

    @settled
    def take(self, worker: str, *, kinds: Sequence[str] = ()) -> Job | None:
        """The next job, held by this worker alone; None where none can be begun.

        Args:
            worker: Who takes it; a name that nobody else has.
            kinds: What this worker does; everything where empty.
        """
        now_s = self.database.now_s()
        chosen = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        with self.database.reading() as connection:
            if not connection.rows(
                "SELECT 1 FROM jobs WHERE state = 'waiting'"
                " OR (state = 'running' AND lease_s < ?) LIMIT 1",
                (now_s,),
            ):
                return None
        with self.database.writing() as connection:
            give_up(connection, now_s, self.database.lock)
            rows = connection.rows(
                f"SELECT id FROM jobs WHERE ((state = 'waiting' AND {_FREE})"  # noqa: S608
                f" OR (state = 'running' AND lease_s < ?)){chosen}"
                f" ORDER BY priority DESC, seq LIMIT 1{self.database.lock}",
                (now_s, *kinds),
            )
            if not rows:
                return None
            job_id: str = rows[0][0]
            connection.change(
                "UPDATE jobs SET state = 'running', worker = ?, lease_s = ?, started_s = ?,"
                " attempts = attempts + 1, stage = '', done = 0, total = NULL, eta_s = NULL,"
                " message = '' WHERE id = ?",
                (worker, now_s + self.lease_s, now_s, job_id),
            )
            return _one(connection, job_id, None)

    def progress(
        self,
        job_id: str,
        worker: str,
        told: Progress,
        *,
        lines: Sequence[str] = (),
    ) -> bool:
        """Renews a worker's hold and says how far it is; False where it must stop."""
        now_s = self.database.now_s()
        with self.database.writing() as connection:
            held = connection.change(
                "UPDATE jobs SET lease_s = ?, stage = ?, done = ?, total = ?, eta_s = ?"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (now_s + self.lease_s, told.stage, told.done, told.total, told.eta_s, job_id,
                 worker),
            )  # fmt: skip
            if not held:
                return False
            _add_lines(connection, job_id, lines, now_s)
            rows = connection.rows("SELECT stopping FROM jobs WHERE id = ?", (job_id,))
        return not rows[0][0]

    @settled
    def finish(
        self,
        job_id: str,
        worker: str,
        state: State,
        *,
        result: Mapping[str, Json] | None = None,
        problem: Problem | None = None,
        message: str = "",
        lines: Sequence[str] = (),
    ) -> bool:
        """Ends a job; False where another worker holds it by now."""
        now_s = self.database.now_s()
        with self.database.writing() as connection:
            held = connection.change(
                "UPDATE jobs SET state = ?, ended_s = ?, lease_s = NULL, stopping = 0, result = ?,"
                " problem = ?, message = ?, eta_s = NULL"
                " WHERE id = ? AND worker = ? AND state = 'running'",
                (state.value, now_s, json.dumps(result or {}), problem_text(problem), message,
                 job_id, worker),
            )  # fmt: skip
            if held:
                _add_lines(connection, job_id, lines, now_s)
                if state is not State.DONE:
                    end_dependants(connection, job_id, now_s)
        return bool(held)

    def release(self, job_id: str, worker: str, *, counted: bool = False) -> bool:
        """Puts a job back that its worker leaves, so that another one goes on at once.

        Args:
            job_id: The job.
            worker: Who leaves it.
            counted: Whether this attempt counts: it does where the work itself is to blame.
        """
        with self.database.writing() as connection:
            return bool(
                connection.change(
                    "UPDATE jobs SET state = 'waiting', worker = '', lease_s = NULL,"
                    " attempts = attempts - ? WHERE id = ? AND worker = ? AND state = 'running'",
                    (0 if counted else 1, job_id, worker),
                )
            )

    def remove(self, job_id: str) -> None:
        """Takes the account of a job that has ended away, with its log."""
        with self.database.writing() as connection:
            gone = connection.change(
                "DELETE FROM jobs WHERE id = ? AND state IN ('done', 'failed', 'cancelled')",
                (job_id,),
            )
            if gone:
                connection.change("DELETE FROM lines WHERE job = ?", (job_id,))
                connection.change("DELETE FROM needs WHERE job = ? OR needed = ?", (job_id,) * 2)

    def counts(self, *, owner: str | None = None) -> dict[State, int]:
        """How many jobs are in each state."""
        clause, values = ("", ()) if owner is None else (" WHERE owner = ?", (owner,))
        with self.database.reading() as connection:
            rows = connection.rows(
                f"SELECT state, COUNT(*) FROM jobs{clause} GROUP BY state",  # noqa: S608
                values,
            )
        return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}

    def forget_digest(self, job_id: str) -> None:
        """The same work may be asked for again: what came of this job is not kept any more."""
        with self.database.writing() as connection:
            connection.change("UPDATE jobs SET digest = '' WHERE id = ?", (job_id,))

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()


def new_job_id() -> str:
    """A random name for a job that is still to be submitted."""
    return f"job-{uuid4().hex}"


def _one(connection: Connection, job_id: str, owner: str | None, *, hold: str = "") -> Job:
    found = jobs_where(connection, "id = ?", (job_id,), "seq" + hold)
    if not found or (owner is not None and found[0].owner != owner):
        raise UsageError(f"no job is named {job_id}", "one that `masquerade jobs list` shows")
    return found[0]


def _check_needed(connection: Connection, needed: Sequence[str], owner: str) -> None:
    for one in needed:
        job = _one(connection, one, owner or None, hold=connection.hold)
        if job.state in ENDED - {State.DONE}:
            raise UsageError(
                f"{one} is {job.state}, and would be waited for", "a job that can get done",
                "retry it first",
            )  # fmt: skip


def _add_lines(connection: Connection, job_id: str, lines: Sequence[str], now_s: float) -> None:
    if not lines:
        return
    query = "SELECT COALESCE(MAX(number), 0) FROM lines WHERE job = ?"
    number: int = connection.rows(query, (job_id,))[0][0]
    for text in lines[: max(0, MOST_LINES - number)]:
        number += 1
        connection.change(
            "INSERT INTO lines (job, number, time_s, text) VALUES (?, ?, ?, ?)",
            (job_id, number, now_s, text[:1000].replace("\x00", " ")),
        )
