"""A worker: takes one job after another, each into a process of its own, and vouches for it.

The worker renews its hold on the job while the process lives. Where the worker is killed, the
process ends with it, and another worker takes the job when the hold runs out; what was finished is
gone on from. Where the process dies alone, the job is put back, and given up after some attempts.
Where the queue's server is away, the work goes on for as long as the hold lasts; the worker waits.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from masquerade.distributed.program import check_stamp, stamp
from masquerade.errors import MasqueradeError
from masquerade.jobs.child import problem_of, work_on
from masquerade.jobs.database import QueueAwayError
from masquerade.jobs.ends import ATTEMPTS
from masquerade.jobs.files import Files, listed
from masquerade.jobs.pace import Pace
from masquerade.jobs.patience import Patience
from masquerade.jobs.queue import Queue
from masquerade.jobs.remote import check_remote, with_paths
from masquerade.jobs.sweep import Keep, sweep
from masquerade.jobs.types import Job, Problem, Progress, State
from masquerade.provenance.canonical import Json
from masquerade.provenance.home import private_folder
from masquerade.telling import no_words

_LOOK_S: Final = 0.2  # how often a process at work is looked after
_RENEW_S: Final = 5.0
_AGAIN_S: Final = 1.0  # until a server that is away is asked again while a job goes on
_SURE: Final = 0.8  # of a hold that is not renewed: so long nobody else has the job
_GRACE_S: Final = 20.0  # to keep what is finished, before it is killed
_IDLE_S: Final = 2.0
_SWEEP_S: Final = 600.0
_PROGRAM_S: Final = 30.0  # how often it is asked whether the program is still the same
_PRELOAD: Final = (
    "masquerade.jobs.child",
    *(f"masquerade.jobs.kinds.{name}" for name in ("make", "anonymize", "examine", "lipsync")),
    "masquerade.pipelines.anonymize.anonymize",
    "masquerade.pipelines.examine.save",
    "masquerade.pipelines.lips.lipsync",
    "masquerade.pipelines.make",
    "masquerade.pipelines.preview.preview",
)


class _NotMine(Exception):  # noqa: N818  no error
    """Another worker has the job by now."""


@dataclass(slots=True)
class _Told:
    """What the process has told since it was last passed on; state over one job."""

    progress: Progress = field(default_factory=Progress)
    lines: list[str] = field(default_factory=list)
    last: str = ""
    fresh: bool = False
    end: dict[str, Any] | None = None

    def take(self, data: bytes, pace: Pace) -> None:
        told = json.loads(data)
        if "progress" in told:
            stage, done, total = told["progress"]
            self.progress = Progress(stage, done, total, pace.eta_s(stage, done, total))
        elif "line" in told:
            self.last = told["line"]
            self.lines.append(self.last)
        else:
            self.end = told
        self.fresh = True


class Worker:
    """Does jobs until it is told to end.

    Args:
        queue: Whose jobs.
        files: Where uploads and results lie.
        kinds: What it does; everything where empty.
        keep: How long files are kept; the worker sweeps now and then.
        preload: What processes have loaded when they begin.
        cluster: Where pieces of jobs are done; see `masquerade.distributed.place`. Empty: here.
        tell: Told, in a sentence, what it does.
    """

    def __init__(
        self,
        queue: Queue,
        files: Files,
        *,
        kinds: Sequence[str] = (),
        keep: Keep | None = None,
        preload: Sequence[str] = _PRELOAD,
        cluster: str = "",
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self.stop = threading.Event()
        self._queue, self._files, self._kinds = queue, files, kinds
        self._keep, self._cluster = keep or Keep(), cluster
        self._tell = tell or no_words
        self._patience = Patience(self.stop, self._tell)
        self._processes = _processes(preload)
        self._swept = 0.0
        self._program, self._looked = stamp(), time.monotonic()

    def run(self, *, once: bool = False) -> int:
        """Works until `stop` is set; how many jobs it took.

        Args:
            once: Only until nothing is waiting.

        Raises:
            MasqueradeError: The program was updated meanwhile; nothing is under way then.
        """
        taken = 0
        while not self.stop.is_set():
            self._check_program()
            self._patience.asked(self._sweep)
            job = self._patience.asked(self._take)
            if job is not None:
                taken += 1
                self._work(job)
            elif once:
                break
            else:
                self._queue.database.wait(_IDLE_S)
        return taken

    def _check_program(self) -> None:
        if time.monotonic() - self._looked > _PROGRAM_S:
            self._looked = time.monotonic()
            check_stamp(self._program)

    def _take(self) -> Job | None:
        return self._queue.take(self.name, kinds=self._kinds)

    def _work(self, job: Job) -> None:
        self._tell(f"{job.id}: {job.kind}, attempt {job.attempts}")
        told, pace = _Told(), Pace()
        try:
            process, heard, held = self._patience.asked(lambda: self._begun(job))
        except QueueAwayError:
            raise
        except MasqueradeError as error:
            problem = Problem(**problem_of(error))  # type: ignore[arg-type]
            self._patience.asked(lambda: self._end(job, State.FAILED, told, problem=problem))
            return
        try:
            mine = self._watched(job, process, heard, told, pace)
        finally:
            held.close()  # a process that still lives ends by itself
            heard.close()
            process.join(_GRACE_S)
            process.kill()
            process.join()
        if mine:
            self._patience.asked(lambda: self._settle(job, told, process.exitcode))

    def _begun(self, job: Job) -> tuple[BaseProcess, Connection, Connection]:
        """The process that does the job, what it tells, and what it lives by."""
        own = not job.folder
        folder = self._files.job_folder(job.id) if own else Path(job.folder)
        spec: dict[str, Json] = dict(job.spec)
        if own:
            if job.owner:
                check_remote(job.kind, job.spec)  # the queue may be where others write to it
            private_folder(folder)
            spec = with_paths(job.kind, job.spec, self._files, job.owner)
        heard, told = self._processes.Pipe(duplex=False)
        lives, held = self._processes.Pipe(duplex=False)
        hidden = str(self._files.folder) if own else ""
        arguments = (told, lives, job.kind, json.dumps(spec), str(folder), hidden)
        again = own and job.attempts > 1
        process = self._processes.Process(  # type: ignore[attr-defined]
            target=work_on, args=(*arguments, again, self._cluster, job.attempts), name=job.id
        )
        process.start()
        told.close()
        lives.close()
        return process, heard, held

    def _watched(
        self, job: Job, process: BaseProcess, heard: Connection, told: _Told, pace: Pace
    ) -> bool:
        """Looks after the process until it ends; False where the job is another worker's by now."""
        renewed, again, told_to_stop = time.monotonic(), 0.0, 0.0
        while _hear(heard, told, pace):
            now = time.monotonic()
            stopping = self.stop.is_set()
            if told.end is None and now > again and (told.fresh or now - renewed > _RENEW_S):
                try:
                    stopping |= not self._renewed(job, told)
                    renewed = now
                except _NotMine:
                    process.kill()
                    return False
                except QueueAwayError as error:
                    self._patience.lost(error)
                    again = now + _AGAIN_S
                    stopping |= now - renewed > _SURE * self._queue.lease_s
            if stopping and not told_to_stop:
                told_to_stop = now
                _interrupt(process)
            if told_to_stop and now - told_to_stop > _GRACE_S:
                process.kill()
        return True

    def _renewed(self, job: Job, told: _Told) -> bool:
        """Passes on what was told, and holds the job anew; False where it is to be stopped.

        Raises:
            _NotMine: Another worker has the job by now.
            QueueAwayError: The server did not answer; nothing was passed on.
        """
        go_on = self._queue.progress(job.id, self.name, told.progress, lines=told.lines)
        self._patience.found()
        told.lines, told.fresh = [], False
        if not go_on:
            now = self._queue.show(job.id)
            if now.worker != self.name or now.state is not State.RUNNING:
                raise _NotMine
        return go_on

    def _settle(self, job: Job, told: _Told, exit_code: int | None) -> None:
        """Ends the job as its process ended."""
        end = told.end or {}
        if end.get("end") == "done":
            result = dict(end["result"])
            if not job.folder:
                result["files"] = listed(self._files.results(job.id))
            self._end(job, State.DONE, told, result=result)
        elif end.get("end") == "failed":
            self._end(job, State.FAILED, told, problem=Problem(**end["problem"]))
        elif self._queue.show(job.id).stopping:
            self._end(job, State.CANCELLED, told)
        elif self.stop.is_set() or end.get("end") == "stopped":
            self._queue.release(job.id, self.name)
        elif job.attempts >= ATTEMPTS:
            self._end(job, State.FAILED, told, problem=_died(exit_code, job.attempts))
        else:
            told.lines.append(f"its process ended with code {exit_code}; it is done again")
            self._queue.progress(job.id, self.name, told.progress, lines=told.lines)
            self._queue.release(job.id, self.name, counted=True)
        self._tell(f"{job.id}: {self._queue.show(job.id).state}")

    def _end(
        self,
        job: Job,
        state: State,
        told: _Told,
        *,
        result: dict[str, Json] | None = None,
        problem: Problem | None = None,
    ) -> None:
        message = problem.found if problem else told.last
        if state is State.CANCELLED:
            message = "stopped on request"
        self._queue.finish(
            job.id,
            self.name,
            state,
            result=result,
            problem=problem,
            message=message,
            lines=told.lines,
        )

    def _sweep(self) -> None:
        if time.monotonic() - self._swept > _SWEEP_S:
            self._swept = time.monotonic()
            done = sweep(self._queue, self._files, self._keep)
            if done.words:
                self._tell(done.words)


def _hear(heard: Connection, told: _Told, pace: Pace) -> bool:
    """Takes what the process tells within a moment; False once it has told everything."""
    try:
        ready = heard.poll(_LOOK_S)
        while ready:
            told.take(heard.recv_bytes(), pace)
            ready = told.end is None and heard.poll(0)
    except (EOFError, OSError):
        return False
    return told.end is None


def _interrupt(process: BaseProcess) -> None:
    """Asks a process to stop as Ctrl-C does, so that it keeps what is finished."""
    process.terminate()


def _died(exit_code: int | None, attempts: int) -> Problem:
    return Problem(
        "MasqueradeError",
        f"its process died {attempts} times, the last time with code {exit_code}",
        "memory and disk enough for this work",
        "see the log; free some, or take a smaller file",
    )


def _processes(preload: Sequence[str]) -> BaseContext:
    """How processes are begun: from one that has everything loaded, where the system can."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context
