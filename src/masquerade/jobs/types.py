"""What a job is: a pipeline's work, described so that any worker can do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeAlias

from masquerade.provenance.canonical import Json

Spec: TypeAlias = Mapping[str, Json]


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is, as the pipeline tells it.

    Attributes:
        stage: What is being done, in words.
        done: Of what the stage counts.
        total: Of it in all; None where that is not known.
        eta_s: Seconds until the stage is over; None where that is not known.
    """

    stage: str = ""
    done: int = 0
    total: int | None = None
    eta_s: float | None = None

    @property
    def share(self) -> float | None:
        """Of the stage, in [0, 1]; None where it is not known."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a job failed: what `masquerade.errors` says of it.

    Attributes:
        kind: Name of the error.
        exit_code: That of the command line.
    """

    kind: str
    found: str
    expected: str = ""
    todo: str = ""
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work and how far it is.

    Attributes:
        id: Its name, ``job-`` and 32 hexadecimal digits.
        seq: Grows with each job.
        kind: What is done; see `masquerade.jobs.work.KINDS`.
        spec: What is asked for, as the kind's Spec says.
        owner: Key of whoever asked over the network; empty for this machine's own user.
        folder: Where names of files are looked for; empty for a folder of the job's own.
        state: How far it is.
        priority: From -100 to 100; higher comes first, and older first among equals.
        after: Jobs that must be done before.
        digest: Of all that decides the result; the same work is not queued twice.
        progress: Of the work.
        message: The last thing that was told, in a sentence.
        attempts: How often it was begun.
        created_s: Seconds since 1970; likewise the other times.
        started_s: When it was begun last; None before.
        ended_s: When it ended; None before.
        stopping: Whether it was told to stop and has not yet.
        worker: Who works on it.
        result: What came of it, for programs.
        problem: Why it failed; None where it did not.
    """

    id: str
    seq: int
    kind: str
    spec: Spec
    owner: str = ""
    folder: str = ""
    state: State = State.WAITING
    priority: int = 0
    after: tuple[str, ...] = ()
    digest: str = ""
    progress: Progress = field(default_factory=Progress)
    message: str = ""
    attempts: int = 0
    created_s: float = 0.0
    started_s: float | None = None
    ended_s: float | None = None
    stopping: bool = False
    worker: str = ""
    result: Mapping[str, Json] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state in ENDED

    def as_json(self) -> dict[str, Json]:
        """The job for programs."""
        told = self.progress
        problem = self.problem
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state.value,
            "priority": self.priority,
            "after": list(self.after),
            "spec": dict(self.spec),
            "progress": {
                "stage": told.stage,
                "done": told.done,
                "total": told.total,
                "share": told.share,
                "eta_s": told.eta_s,
            },
            "message": self.message,
            "attempts": self.attempts,
            "stopping": self.stopping,
            "created": clock_text(self.created_s),
            "started": clock_text(self.started_s),
            "ended": clock_text(self.ended_s),
            "result": dict(self.result),
            "problem": None
            if problem is None
            else {
                "kind": problem.kind,
                "found": problem.found,
                "expected": problem.expected,
                "todo": problem.todo,
                "exit_code": problem.exit_code,
            },
        }


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a job's log.

    Attributes:
        number: From 1 on, within the job.
        time_s: Seconds since 1970.
        text: One line.
    """

    number: int
    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of asking for work.

    Attributes:
        job: The job.
        is_new: False where the same work was asked for before and the job is that one.
    """

    job: Job
    is_new: bool


def clock_text(time_s: float | None) -> str | None:
    """A time as ISO 8601 in UTC; None where there is none.

    Example:
        >>> clock_text(0.0)
        '1970-01-01T00:00:00.000+00:00'
    """
    if time_s is None:
        return None
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")
