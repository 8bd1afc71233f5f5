"""What only a server can do to a queue: go away, stall two that cross, tell all of a change."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.jobs.postgres_server import Server

from masquerade.errors import OutputError
from masquerade.jobs.clash import settled
from masquerade.jobs.database import QueueAwayError
from masquerade.jobs.ends import ATTEMPTS
from masquerade.jobs.files import Files
from masquerade.jobs.patience import Patience
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import Progress, State
from masquerade.jobs.worker import Worker
from masquerade.provenance.canonical import Json


@pytest.fixture
def queue(on_server: str) -> Iterator[Queue]:
    made = Queue(on_server)
    yield made
    made.close()


def quiet(queue: Queue) -> None:
    """Waits until all that was told has been heard."""
    while queue.database.wait(0.05):
        pass


def test_who_waits_is_not_woken_by_who_waits(queue: Queue) -> None:
    first = queue.submit("faceset", {}).job
    queue.submit("train", {}, after=[first.id])
    queue.take("w")
    quiet(queue)
    assert queue.take("idle") is None  # it looked at what waits for the first, and changed nothing
    assert not queue.database.wait(0.1)
    queue.progress(first.id, "w", Progress("frames", 1, 4))
    assert queue.database.wait(5)


def test_a_job_is_stopped_though_it_is_taken_at_that_moment(queue: Queue, on_server: str) -> None:
    job = queue.submit("verify", {}).job
    with psycopg.connect(on_server) as taking:
        taking.execute("UPDATE jobs SET state = 'running', worker = 'w'")
        thread = threading.Thread(target=queue.cancel, args=(job.id,))
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()  # until it is settled who has the job
        taking.commit()
        thread.join()
    assert queue.show(job.id).stopping


def test_two_that_cross_are_both_done(queue: Queue) -> None:
    jobs = [queue.submit("verify", {}).job.id for _ in range(2)]
    both, tries = threading.Barrier(2), list[str]()

    @settled
    def change(first: str, second: str) -> None:
        tries.append(first)
        with queue.database.writing() as connection:
            told = "UPDATE jobs SET priority = priority + 1 WHERE id = ?"
            connection.change(told, (first,))
            if len(tries) < 3:  # the one that lost comes again, alone
                both.wait(10)
            connection.change(told, (second,))

    threads = [threading.Thread(target=change, args=each) for each in (jobs, jobs[::-1])]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(tries) == 3
    assert [queue.show(one).priority for one in jobs] == [2, 2]


def test_a_job_is_given_up_once(on_server: str) -> None:
    first, second = Queue(on_server, lease_s=0.0), Queue(on_server)
    job = first.submit("verify", {}).job
    for _ in range(ATTEMPTS):
        assert first.take("w") is not None
    with psycopg.connect(on_server) as ending:
        ending.execute("SELECT 1 FROM jobs FOR UPDATE")  # as a worker that is giving it up
        assert second.take("other") is None
    assert second.show(job.id).state is State.RUNNING
    assert second.take("other") is None
    assert second.show(job.id).state is State.FAILED
    for one in (first, second):
        one.close()


def test_tables_that_are_there_are_not_waited_for(queue: Queue, on_server: str) -> None:
    with psycopg.connect(on_server) as working:
        working.execute("LOCK TABLE jobs IN ROW EXCLUSIVE MODE")
        Queue(on_server).close()


@pytest.mark.usefixtures("server")
def test_what_the_server_refuses_is_not_waited_for(queue: Queue, on_server: str) -> None:
    with psycopg.connect(on_server, autocommit=True) as owner:
        owner.execute("CREATE ROLE reader LOGIN")
        try:
            reader = Queue(on_server.replace("postgres@", "reader@"))
            with pytest.raises(OutputError, match="permission denied") as caught:
                reader.list_jobs()
            assert not isinstance(caught.value, QueueAwayError)  # nobody waits for that to pass
            reader.close()
        finally:
            owner.execute("DROP ROLE reader")


def test_a_server_that_comes_back_is_used_again(server: Server, queue: Queue) -> None:
    job = queue.submit("verify", {}).job
    quiet(queue)
    server.stop()
    with pytest.raises(QueueAwayError, match="cannot be used"):
        queue.show(job.id)
    assert queue.database.wait(0.01)
    told, tries = list[str](), list[int]()
    comes = threading.Thread(target=server.start)

    def ask() -> State:
        if not comes.ident:
            comes.start()
        tries.append(1)
        return queue.show(job.id).state

    assert Patience(threading.Event(), told.append).asked(ask) is State.WAITING
    comes.join()
    assert "asked again" in told[0]
    assert told[1] == "the queue's server answers again"
    queue.take("w")
    server.stop()
    server.start()  # connections of before are dead, and nobody noticed
    assert queue.progress(job.id, "w", Progress())


def test_waiting_for_a_server_ends_with_the_worker(queue: Queue) -> None:
    stop, told = threading.Event(), list[str]()

    def ask() -> None:
        stop.set()
        raise QueueAwayError("gone")

    with pytest.raises(QueueAwayError):
        Patience(stop, told.append).asked(ask)


class Away(Queue):
    """A queue whose server does not hear of progress for a while."""

    away_s = 0.0
    refused = 0

    def progress(self, *given: object, **named: object) -> bool:  # type: ignore[override]
        if time.monotonic() < self.away_s:
            self.refused += 1
            raise QueueAwayError("the queue's server cannot be used")
        return super().progress(*given, **named)  # type: ignore[arg-type]


@pytest.mark.parametrize("lease_s", [0.0, 60.0])
def test_work_goes_on_for_as_long_as_it_is_held(
    tmp_path: Path, picture: Path, lease_s: float
) -> None:
    queue = Away(tmp_path / "studio" / "jobs.sqlite", lease_s=lease_s)
    files = Files(tmp_path / "studio", queue.database, quota_bytes=10**6, upload_bytes=10**6)
    spec: dict[str, Json] = {"target": str(picture), "signals": ["jpeg_grid"]}
    job = queue.submit("examine", spec, folder=str(tmp_path)).job
    queue.away_s = time.monotonic() + 600
    told: list[str] = []
    worker = Worker(queue, files, preload=("masquerade.jobs.child",), tell=told.append)
    taken: list[str] = []
    take = queue.take

    def taking(*given: object, **named: object) -> object:
        queue.away_s *= not taken  # it is back when the job is taken again
        found = take(*given, **named)  # type: ignore[arg-type]
        taken.extend([found.id] if found else [])
        return found

    queue.take = taking  # type: ignore[method-assign,assignment]
    worker.run(once=True)
    done = queue.show(job.id)
    assert done.state is State.DONE
    assert queue.refused
    assert len(taken) == (1 if lease_s > 1 else 2)
    queue.close()
