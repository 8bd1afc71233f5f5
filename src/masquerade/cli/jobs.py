"""`masquerade jobs`: work that is done later, in turn, and goes on after a stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade.cli import add_json
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.make import add_cluster
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError
from masquerade.telling import no_words

if TYPE_CHECKING:
    from masquerade.jobs.queue import Queue
    from masquerade.jobs.types import Job

_EXAMPLES: Final = """\
examples:
  masquerade jobs submit swap ada.jpg clip.mp4 -o out.mp4 --consent ada.consent
  masquerade jobs submit --after job-1f.. verify out.mp4
  masquerade jobs worker --until-empty
  masquerade jobs list
what follows `submit` is any command that makes or examines, as it would be given by itself
"""
_LOOK_S: Final = 0.5


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    from masquerade.jobs.sweep import Keep

    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    submit = actions.add_parser("submit", help="ask for work", allow_abbrev=False)
    submit.add_argument("--priority", type=int, default=0, metavar="N", help="-100 to 100")
    submit.add_argument(
        "--after", action="append", default=[], metavar="JOB", help="done before; repeatable"
    )
    submit.add_argument("--again", action="store_true", help="even where the same was done before")
    submit.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    listing = actions.add_parser("list", help="jobs, newest first")
    listing.add_argument("--last", type=int, default=20, metavar="N", help="how many; default 20")
    listing.add_argument("--state", action="append", default=[], choices=_states())
    show = actions.add_parser("show", help="one job with its log")
    show.add_argument("--follow", action="store_true", help="until it ends")
    cancel = actions.add_parser("cancel", help="stop a job")
    retry = actions.add_parser("retry", help="do a job again that failed or was stopped")
    for child in (show, cancel, retry):
        child.add_argument("job", metavar="JOB", help="its name, or how it begins")
    worker = actions.add_parser("worker", help="do jobs, one after another")
    worker.add_argument("--kind", action="append", default=[], metavar="KIND", help="these alone")
    add_cluster(worker)
    worker.add_argument("--until-empty", action="store_true", help="end when nothing waits")
    worker.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)
    sweep = actions.add_parser("sweep", help="erase what is older than it may be")
    for child in (worker, sweep):
        add_flags(child, Keep, "keeping")
    kinds = actions.add_parser("kinds", help="kinds of work")
    for child in (submit, listing, show, cancel, retry, worker, sweep, kinds):
        child.add_argument(
            "--queue", default="", metavar="URL", help="postgresql://...; else this installation's"
        )
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    from masquerade.jobs.place import open_queue

    actions: dict[str, Callable[[argparse.Namespace, Queue], Reply]] = {
        "submit": _submit,
        "list": _list,
        "show": _show,
        "cancel": _cancel,
        "retry": _retry,
        "worker": _worker,
        "sweep": _sweep,
        "kinds": _kinds,
    }
    queue = open_queue(given.queue)
    try:
        return actions[given.action](given, queue)
    finally:
        queue.close()


def _submit(given: argparse.Namespace, queue: Queue) -> Reply:
    from masquerade.cli import parse
    from masquerade.cli.jobs_asked import asked
    from masquerade.jobs.work import digest_of, read_spec

    words = [word for word in given.words if word != "--json"]
    if not words:
        raise UsageError("no command is given", "one that makes or examines", "see --help")
    kind, spec = asked(parse(words))
    read = read_spec(kind, spec)
    digest = "" if given.again else digest_of(kind, read, "")
    told = queue.submit(
        kind,
        read.model_dump(mode="json"),
        folder=str(Path.cwd()),
        priority=given.priority,
        after=[_found(queue, one).id for one in given.after],
        digest=digest,
    )
    job = told.job
    lines = [f"{job.id}: {kind}, {job.state}"]
    if not told.is_new:
        lines.append("the same work was asked for before; --again asks for it once more")
    return Reply(tuple(lines), {"job": job.as_json(), "is_new": told.is_new})


def _list(given: argparse.Namespace, queue: Queue) -> Reply:
    from masquerade.jobs.types import State

    found = queue.list_jobs(states=[State(one) for one in given.state], limit=given.last)
    lines = [_line(job) for job in found] or ["no jobs"]
    return Reply(tuple(lines), {"jobs": [job.as_json() for job in found]})


def _show(given: argparse.Namespace, queue: Queue) -> Reply:
    job = _found(queue, given.job)
    if given.follow:
        job = _followed(queue, job, quiet=getattr(given, "json", False))
    log = queue.log(job.id)
    lines = [_line(job), *(f"  {one.text}" for one in log)]
    if job.problem is not None:
        lines += [f"  failed: {job.problem.found}"]
        lines += [f"  to do: {job.problem.todo}"] if job.problem.todo else []
    lines += [f"  waits for {one}" for one in job.after if not job.ended]
    return Reply(tuple(lines), {"job": job.as_json(), "log": [one.text for one in log]})


def _followed(queue: Queue, job: Job, *, quiet: bool) -> Job:
    from masquerade.cli.progress import Progress

    with Progress(quiet=quiet) as progress:
        while not job.ended:
            told = job.progress
            progress(told.stage or str(job.state), told.done, told.total)
            time.sleep(_LOOK_S)
            job = queue.show(job.id)
    return job


def _cancel(given: argparse.Namespace, queue: Queue) -> Reply:
    job = queue.cancel(_found(queue, given.job).id)
    told = "is stopping" if job.stopping else f"is {job.state}"
    return Reply((f"{job.id} {told}",), {"job": job.as_json()})


def _retry(given: argparse.Namespace, queue: Queue) -> Reply:
    job = queue.retry(_found(queue, given.job).id)
    return Reply((f"{job.id} is {job.state}",), {"job": job.as_json()})


def _worker(given: argparse.Namespace, queue: Queue) -> Reply:
    from masquerade.distributed.place import check_place
    from masquerade.jobs.place import open_files
    from masquerade.jobs.sweep import Keep
    from masquerade.jobs.work import kind_of
    from masquerade.jobs.worker import Worker

    for name in given.kind:
        kind_of(name)
    keep = read_flags(given, Keep)
    quiet = getattr(given, "json", False)
    files = open_files(queue, keep=keep)
    check_place(given.cluster)
    tell = no_words if quiet else _say
    worker = Worker(queue, files, kinds=given.kind, keep=keep, cluster=given.cluster, tell=tell)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: worker.stop.set())
    if given.parent:
        threading.Thread(target=_end_with, args=(given.parent, worker.stop), daemon=True).start()
    taken = worker.run(once=given.until_empty)
    count = "1 job" if taken == 1 else f"{taken} jobs"
    return Reply((f"{count} taken",), {"taken": taken})


def _sweep(given: argparse.Namespace, queue: Queue) -> Reply:
    from masquerade.jobs.place import open_files
    from masquerade.jobs.sweep import Keep, sweep

    done = sweep(queue, open_files(queue), read_flags(given, Keep))
    data = {"uploads": done.uploads, "results": done.results, "jobs": done.jobs}
    return Reply((done.words or "nothing is older than it may be",), data)


def _kinds(_given: argparse.Namespace, _queue: Queue) -> Reply:
    from masquerade.jobs.work import KINDS, kind_of

    told = {name: kind_of(name).summary for name in KINDS}
    return Reply(tuple(f"{name:16} {words}" for name, words in told.items()), {"kinds": told})


def _found(queue: Queue, name: str) -> Job:
    """The one job whose name begins like that."""
    if len(name) == len("job-") + 32:
        return queue.show(name)
    among = queue.list_jobs(limit=10_000)
    found = [job for job in among if job.id.startswith(name) or job.id[4:].startswith(name)]
    if len(found) != 1:
        raise UsageError(
            f"{len(found)} jobs are named {name}...", "one", "see `masquerade jobs list`"
        )
    return found[0]


def _line(job: Job) -> str:
    return f"{job.id[:16]}  {job.state:9} {job.kind:14} {_words(job)}".rstrip()


def _words(job: Job) -> str:
    """How far it is, what it waits for, what it made, or why it did not get done."""
    told = job.progress
    if job.state == "running":
        share = f" {told.share:.0%}" if told.share is not None else ""
        left = f", {told.eta_s:.0f} s left" if told.eta_s is not None else ""
        return f"{told.stage}{share}{left}"
    if job.state == "waiting":
        waits = ", ".join(one[:16] for one in job.after)
        return f"after {waits}" if waits else ""
    if job.state != "done":
        return job.message
    named = job.spec.get("out") or job.spec.get("reports") or job.spec.get("target") or ""
    files = named if isinstance(named, list) else [named]
    took_s = (job.ended_s or 0.0) - (job.started_s or 0.0)
    return f"{', '.join(Path(str(one)).name for one in files)} in {took_s:.1f} s"


def _states() -> list[str]:
    from masquerade.jobs.types import State

    return [state.value for state in State]


def _end_with(parent: int, stop: threading.Event) -> None:
    """Stops a worker whose server is gone."""
    while os.getppid() == parent and not stop.wait(1.0):
        pass
    stop.set()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
