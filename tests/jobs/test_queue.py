"""A queue: nothing twice, nothing lost, in the order that was asked for; on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.jobs.database_at import database_at
from masquerade.jobs.ends import ATTEMPTS
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import Problem, Progress, State

TAKER = """
import json, sys
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import State
queue, name, mine = Queue(sys.argv[1]), sys.argv[2], []
while (job := queue.take(name)) is not None:
    mine.append(job.id)
    queue.finish(job.id, name, State.DONE)
print(json.dumps(mine))
"""


def test_the_same_work_is_queued_once_for_each_owner(queue: Queue) -> None:
    first = queue.submit("verify", {"target": "a"}, digest="d", owner="ada")
    again = queue.submit("verify", {"target": "a"}, digest="d", owner="ada")
    other = queue.submit("verify", {"target": "a"}, digest="d", owner="ben")
    assert first.is_new
    assert not again.is_new
    assert again.job.id == first.job.id
    assert other.is_new
    assert queue.same_work("ada", "d") == queue.show(first.job.id)
    queue.forget_digest(first.job.id)
    assert queue.submit("verify", {"target": "a"}, digest="d", owner="ada").is_new


def test_higher_comes_first_and_older_among_equals(queue: Queue) -> None:
    names = [queue.submit("verify", {}, priority=priority).job.id for priority in (0, 5, 0, -5, 5)]
    taken = [job.id for job in iter(lambda: queue.take("w"), None)]
    assert taken == [names[place] for place in (1, 4, 0, 2, 3)]


def test_what_waits_for_another_job_is_taken_after_it(queue: Queue) -> None:
    first = queue.submit("faceset", {}).job
    second = queue.submit("train", {}, after=[first.id], priority=100).job
    assert second.after == (first.id,)
    assert queue.take("w") == queue.show(first.id)
    assert queue.take("w") is None
    queue.finish(first.id, "w", State.DONE, result={"out": "a.faceset"})
    taken = queue.take("w")
    assert taken is not None
    assert taken.id == second.id
    assert queue.show(first.id).result == {"out": "a.faceset"}


def test_what_waits_for_a_job_that_fails_ends_and_comes_back_with_it(queue: Queue) -> None:
    first = queue.submit("faceset", {}).job
    second = queue.submit("train", {}, after=[first.id]).job
    third = queue.submit("make", {}, after=[second.id]).job
    queue.take("w")
    queue.finish(first.id, "w", State.FAILED, problem=Problem("FaceError", "no face"))
    assert queue.show(third.id).state is State.CANCELLED
    with pytest.raises(UsageError, match="would be waited for"):
        queue.submit("make", {}, after=[second.id])
    queue.retry(first.id)
    assert [job.state for job in queue.list_jobs()] == [State.WAITING] * 3
    assert queue.show(first.id).problem is None


def test_a_job_is_stopped_where_it_waits_and_told_to_stop_where_it_runs(queue: Queue) -> None:
    waiting, running = (queue.submit("verify", {}).job for _ in range(2))
    assert queue.cancel(waiting.id).state is State.CANCELLED
    queue.take("w")
    assert queue.cancel(running.id).stopping
    assert not queue.progress(running.id, "w", Progress())
    queue.finish(running.id, "w", State.CANCELLED)
    with pytest.raises(UsageError, match="is cancelled"):
        queue.cancel(running.id)


def test_a_hold_that_is_not_renewed_runs_out(place: str) -> None:
    queue = Queue(place, lease_s=0.2)
    job = queue.submit("verify", {}).job
    for attempt in range(1, ATTEMPTS + 1):
        taken = queue.take(f"w{attempt}")
        assert taken is not None
        assert taken.attempts == attempt
        assert queue.progress(job.id, f"w{attempt}", Progress("frames", 1, 4))
        assert queue.take("other") is None
        time.sleep(0.25)
    assert queue.take("last") is None
    ended = queue.show(job.id)
    assert ended.state is State.FAILED
    assert ended.problem is not None
    assert "went away" in ended.problem.found
    assert not queue.progress(job.id, "w1", Progress())
    assert not queue.finish(job.id, "w1", State.DONE)
    queue.close()


def test_progress_and_log_are_kept(queue: Queue) -> None:
    job = queue.submit("verify", {}).job
    queue.take("w")
    queue.progress(job.id, "w", Progress("frames", 1, 4, 2.5), lines=["a", "b\x00c"])
    queue.finish(job.id, "w", State.DONE, lines=["d"], message="well")
    told = queue.show(job.id)
    assert told.progress.share == 0.25
    assert told.message == "well"
    assert [line.text for line in queue.log(job.id)] == ["a", "b c", "d"]
    assert [line.text for line in queue.log(job.id, after=2)] == ["d"]
    assert told.as_json()["state"] == "done"


def test_jobs_are_listed_by_owner_state_and_kind(queue: Queue) -> None:
    for owner in ("ada", "ben"):
        for kind in ("verify", "make"):
            queue.submit(kind, {}, owner=owner)
    assert len(queue.list_jobs()) == 4
    assert [job.kind for job in queue.list_jobs(owner="ada")] == ["make", "verify"]
    (only,) = queue.list_jobs(owner="ben", kinds=["make"], states=[State.WAITING])
    assert queue.list_jobs(before_seq=only.seq, limit=1)[0].owner == "ben"
    with pytest.raises(UsageError, match="no job is named"):
        queue.show(only.id, owner="ada")
    assert queue.counts(owner="ada")[State.WAITING] == 2


def test_processes_never_take_the_same_job(place: str) -> None:
    queue = Queue(place)
    wanted = {queue.submit("verify", {}).job.id for _ in range(60)}
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, place, f"w{number}"], stdout=subprocess.PIPE, text=True
        )
        for number in range(3)
    ]
    taken = [name for one in takers for name in json.loads(one.communicate(timeout=60)[0])]
    assert len(taken) == len(wanted)
    assert set(taken) == wanted
    queue.close()


def test_waiting_ends_when_something_changes(queue: Queue) -> None:
    queue.database.wait(0)
    while queue.database.wait(0):
        pass
    other = Queue(queue.database.place)
    other.submit("verify", {})
    assert queue.database.wait(5)
    other.close()


def test_other_addresses_are_refused() -> None:
    with pytest.raises(UsageError, match="mysql"):
        database_at("mysql://host/name")
    with pytest.raises(OutputError, match="cannot be used"):
        Queue("postgresql://nobody@127.0.0.1:9/none")
