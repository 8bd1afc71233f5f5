"""A worker: does what waits, tells how it went, and loses nothing when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.jobs.test_files import PNG, sent

from masquerade.errors import MasqueradeError
from masquerade.jobs.files import Files
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import Job, State
from masquerade.jobs.worker import Worker

LOADED = ("masquerade.jobs.child", "masquerade.provenance.verify")
WORKER = """
import sys
from masquerade.jobs.place import open_files, open_queue
from masquerade.jobs.queue import Queue
from masquerade.jobs.worker import Worker

if __name__ == "__main__":
    queue = Queue(sys.argv[1], lease_s=1.0)
    Worker(queue, open_files(queue), preload=("masquerade.jobs.child",)).run()
"""


def until(holds: Callable[[], object], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_jobs_are_done_and_faults_are_told(lite: Queue, files: Files, picture: Path) -> None:
    told: list[str] = []
    good = lite.submit("verify", {"target": picture.name}, folder=str(picture.parent)).job
    upload = sent(files, data=PNG)
    bad = lite.submit(
        "voice_disguise", {"target": f"upload:{upload.id}", "out": "r.wav"}, owner="ada"
    ).job
    theirs = lite.submit("verify", {"target": f"upload:{upload.id}"}, owner="ben").job
    worker = Worker(lite, files, preload=LOADED, tell=told.append)
    assert worker.run(once=True) == 3
    done = lite.show(good.id)
    assert done.state is State.DONE
    assert done.result
    assert lite.log(good.id)
    failed = lite.show(bad.id)
    assert failed.state is State.FAILED
    assert failed.problem is not None
    assert failed.problem.exit_code in (2, 4)
    assert str(files.folder) not in str(failed.as_json())
    stranger = lite.show(theirs.id)
    assert stranger.problem is not None
    assert "no upload" in stranger.problem.found
    assert any("attempt 1" in one for one in told)


def test_a_worker_of_another_program_takes_nothing(
    lite: Queue, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = lite.submit("verify", {"target": "a.png"}).job
    worker = Worker(lite, files, preload=LOADED)
    monkeypatch.setattr("masquerade.jobs.worker._PROGRAM_S", -1)
    monkeypatch.setattr("masquerade.distributed.program.stamp", lambda: "updated")
    with pytest.raises(MasqueradeError, match="was updated"):
        worker.run(once=True)
    assert lite.show(job.id).state is State.WAITING


def test_a_worker_takes_no_path_of_a_stranger_from_the_queue(
    lite: Queue, files: Files, picture: Path
) -> None:
    job = lite.submit("verify", {"target": str(picture)}, owner="key-bob").job
    Worker(lite, files, preload=LOADED).run(once=True)
    ended = lite.show(job.id)
    assert ended.state is State.FAILED
    assert ended.problem is not None
    assert "is no file of yours" in ended.problem.found


def test_a_killed_worker_loses_nothing(queue: Queue, picture: Path) -> None:
    job = queue.submit("verify", {"target": str(picture)}, folder=str(picture.parent)).job
    command = [sys.executable, "-c", WORKER, queue.database.place]
    first = subprocess.Popen(command)
    until(lambda: queue.show(job.id).progress.stage)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert queue.show(job.id).state is State.RUNNING
    second = subprocess.Popen(command)
    try:
        until(lambda: queue.show(job.id).ended)
    finally:
        second.kill()
        second.wait()
    done = queue.show(job.id)
    assert (done.state, done.attempts) == (State.DONE, 2)


def test_a_job_that_is_worked_on_can_be_stopped_and_goes_on(
    lite: Queue, files: Files, picture: Path
) -> None:
    spec = {"target": str(picture)}
    job = lite.submit("verify", spec, folder=str(picture.parent)).job
    worker = Worker(lite, files, preload=LOADED)
    thread = threading.Thread(target=worker.run, kwargs={"once": True})
    thread.start()
    until(lambda: lite.show(job.id).state is State.RUNNING)
    lite.cancel(job.id)
    thread.join()
    ended = lite.show(job.id)
    assert ended.state in (State.CANCELLED, State.DONE)  # it may have been through by then
    if ended.state is State.CANCELLED:
        assert lite.retry(job.id).state is State.WAITING


def test_a_worker_that_is_told_to_end_puts_its_job_back(
    lite: Queue, files: Files, picture: Path
) -> None:
    job = lite.submit("verify", {"target": str(picture)}, folder=str(picture.parent)).job
    worker = Worker(lite, files, preload=LOADED)
    thread = threading.Thread(target=worker.run)
    thread.start()
    until(lambda: lite.show(job.id).state is not State.WAITING)
    worker.stop.set()
    thread.join()
    left: Job = lite.show(job.id)
    assert left.state in (State.WAITING, State.DONE)
    assert left.state is State.DONE or left.attempts == 0
