"""How pages ask for work: a spec that is checked first, then put into the queue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from masquerade.jobs.types import Job
from masquerade.jobs.work import digest_of, read_spec
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.shelf import shelves


def ask(studio: Studio, kind: str, spec: Mapping[str, Json], *, once: bool = False) -> Job:
    """The job, queued for this machine's own user.

    Args:
        studio: Where the queue is.
        kind: What is done.
        spec: What is asked for.
        once: The same work is not done again where it was done before.

    Raises:
        UsageError: A value does not fit.
        InputError: A file cannot be read.
    """
    read = read_spec(kind, spec)
    digest = digest_of(kind, read, "") if once else ""
    folder = str(shelves(studio.home))
    return studio.queue.submit(kind, read.model_dump(mode="json"), folder=folder, digest=digest).job


def outs(job: Job) -> list[Path]:
    """The files that a job was asked to make, those that are there."""
    named = job.spec.get("reports") or job.spec.get("out") or []
    listed = named if isinstance(named, list) else [named]
    return [path for path in (Path(str(one)) for one in listed) if path.is_file()]


def inputs(job: Job) -> list[Path]:
    """The files that a job works on, the target first."""
    found = [job.spec.get("target"), job.spec.get("video")]
    for name in ("sources", "inputs", "footage", "photos"):
        found += _listed(job.spec.get(name))
    return [path for path in (Path(str(one)) for one in found if one) if path.is_file()]


def _listed(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []
