"""How quickly jobs begin and the API answers, and whether a crowd loses or doubles anything.

``python -m benchmarks.server [--jobs N] [--clients N] [--seconds S]``

A server runs in a process of its own, on loopback, with one worker process beside it.

- Overhead: from the answer to a request for a job until its process has begun the work, with the
  worker idle; from one small picture to verify to the next.
- Reads: clients that each ask twice a second over a connection of their own, as pages and scripts
  that watch a job do; for one job, for the list, for the log. The time of an answer is taken from
  when it was due, so that a server which falls behind is not flattered. An address that reads
  nothing is asked in the same way first: what its answers take is the web framework's, the client's
  and the machine's. Processor time of the server does not depend on what else the machine does.
- Crowd: all clients ask for jobs at once, one of three for work that another one asked for too;
  several processes take them. Each piece of work must have been done exactly once.

The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
from PIL import Image

from benchmarks.report import Bar, publish
from masquerade.jobs.place import open_queue
from masquerade.server.caller import Role
from masquerade.server.keys import Keys

OVERHEAD_MS, READ_MS = 100.0, 50.0
EACH_S = 0.5
SERVER = """
import sys, uvicorn
from masquerade.server.app import create_app
from masquerade.server.settings import Settings
settings = Settings(port=int(sys.argv[1]), rate=1_000_000)
uvicorn.run(create_app(settings, mounts=()), port=settings.port, log_level="warning")
"""
TAKER = """
import sys
from masquerade.jobs.place import open_queue
from masquerade.jobs.types import State
queue, name = open_queue(), sys.argv[1]
while True:
    job = queue.take(name, kinds=["examine"])
    if job is None:
        queue.database.wait(0.5)
        continue
    queue.progress(job.id, name, job.progress, lines=[f"taken by {name}"])
    queue.finish(job.id, name, State.DONE)
"""


def main(arguments: list[str] | None = None) -> None:
    """Start a server, measure, print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=8421)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASQUERADE_HOME"] = folder
        queue = open_queue()
        _, secret = Keys(queue.database).new("benchmark", Role.ADMIN)
        queue.close()
        with running(SERVER, str(given.port)) as server:
            results = asyncio.run(measured(given, secret, Path(folder), psutil.Process(server)))
    bars = [
        Bar("from asking to work begun, median ms", results["overhead_ms"]["median"], OVERHEAD_MS),
        Bar("from asking to work begun, worst ms", results["overhead_ms"]["worst"], OVERHEAD_MS),
        Bar(f"reads under {given.clients} clients, p95 ms", results["read_ms"]["p95"], READ_MS),
        Bar("reads that failed", results["read_ms"]["failed"], 0, "=="),
        Bar("work lost in a crowd", results["crowd"]["lost"], 0, "=="),
        Bar("work done twice in a crowd", results["crowd"]["doubled"], 0, "=="),
    ]
    publish("server", bars, results)


async def measured(
    given: argparse.Namespace, secret: str, folder: Path, server: psutil.Process
) -> dict[str, Any]:
    """All three figures, one after another."""
    headers = {"Authorization": f"Bearer {secret}"}
    limits = httpx.Limits(max_connections=given.clients, max_keepalive_connections=given.clients)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{given.port}", headers=headers, limits=limits, timeout=60
    ) as client:
        await until_there(client)
        reference = await sent(client, folder)
        overhead = await overhead_ms(client, reference, given.jobs)
        jobs = [one["id"] for one in (await client.get("/v1/jobs")).json()]
        places = [f"/v1/jobs/{jobs[0]}", "/v1/jobs?limit=20", f"/v1/jobs/{jobs[-1]}/log"]
        asking = Asking(given.port, secret, given.clients)
        bare, _ = await asking.read_ms(["/v1/health"], given.seconds / 2)
        before = server.cpu_times()
        reads, failed = await asking.read_ms(places, given.seconds)
        after = server.cpu_times()
        crowd = await crowded(client, reference, given.clients)
    return {
        "overhead_ms": {"median": statistics.median(overhead), "worst": max(overhead)},
        "read_ms": {
            "p50": statistics.median(reads),
            "p95": statistics.quantiles(reads, n=20)[-1],
            "processor_ms_each": 1000
            * (after.user + after.system - before.user - before.system)
            / len(reads),
            "p95_of_an_address_that_reads_nothing": statistics.quantiles(bare, n=20)[-1],
            "requests": len(reads),
            "failed": failed,
        },
        "crowd": crowd,
    }


async def until_there(client: httpx.AsyncClient) -> None:
    """Waits until the server answers."""
    for _ in range(600):
        try:
            await client.get("/v1/health")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")


async def sent(client: httpx.AsyncClient, folder: Path) -> str:
    """A small picture, uploaded; its reference."""
    path = folder / "a.png"
    Image.new("RGB", (64, 64), (90, 120, 60)).save(path)
    data = path.read_bytes()
    told = (await client.post("/v1/uploads", json={"name": "a.png", "size": len(data)})).json()
    place = f"/v1/uploads/{told['id']}"
    await client.patch(place, content=data, headers={"Upload-Offset": "0"})
    return str((await client.post(f"{place}/complete", json={})).json()["reference"])


async def asked(client: httpx.AsyncClient, kind: str, spec: dict[str, Any], **more: Any) -> Any:
    """A job that is asked for."""
    answer = await client.post(f"/v1/jobs/{kind}", json={"spec": spec, **more})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def overhead_ms(client: httpx.AsyncClient, reference: str, count: int) -> list[float]:
    """Milliseconds from each answer until the job's own process has begun; the first is left out.

    The first one waits until the worker itself has begun.
    """
    found = []
    command = [sys.executable, "-m", "masquerade", "jobs", "worker"]
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    queue = open_queue()
    try:
        for _ in range(count + 1):
            job = await asked(client, "verify", {"target": reference}, again=True)
            began = time.perf_counter()
            while not queue.show(job["id"]).progress.stage:
                await asyncio.sleep(0.002)
            found.append(1000 * (time.perf_counter() - began))
            while not queue.show(job["id"]).ended:
                await asyncio.sleep(0.05)
    finally:
        queue.close()
        worker.terminate()
        worker.wait()
    return found[1:]


class Asking:
    """Clients that ask at fixed times, with little work of their own; no library stands between.

    Args:
        port: Of the server.
        secret: Of a key.
        clients: How many.
    """

    def __init__(self, port: int, secret: str, clients: int) -> None:
        self._port, self._clients = port, clients
        self._head = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n\r\n"

    async def read_ms(self, places: Sequence[str], seconds: float) -> tuple[list[float], int]:
        """Milliseconds of each answer since it was due, and how many were no success."""
        took: list[float] = []
        failed = 0

        async def watch(number: int) -> None:
            nonlocal failed
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            due = time.perf_counter() + EACH_S * (1 + number / self._clients)
            end, turn = due + seconds, number
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                writer.write(f"GET {places[turn % len(places)]}{self._head}".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                took.append(1000 * (time.perf_counter() - due))
                failed += b" 200 " not in head[:16]
                due, turn = due + EACH_S, turn + 1
            writer.close()

        await asyncio.gather(*(watch(number) for number in range(self._clients)))
        return took, failed


async def crowded(client: httpx.AsyncClient, reference: str, clients: int) -> dict[str, int]:
    """What became of jobs that all ask for at once while three processes take them."""
    wanted = [{"target": reference, "reports": [f"r{number}.json"]} for number in range(clients)]
    doubled = [wanted[number] for number in range(0, clients, 3)]
    takers = [subprocess.Popen([sys.executable, "-c", TAKER, f"w{n}"]) for n in range(3)]
    try:
        told = await asyncio.gather(*(asked(client, "examine", one) for one in wanted + doubled))
        names = {one["id"] for one in told}
        queue = open_queue()
        until = time.monotonic() + 120
        while time.monotonic() < until:
            ended = [queue.show(name) for name in names]
            if all(job.ended for job in ended):
                break
            await asyncio.sleep(0.2)
        taken = [len(queue.log(name)) for name in names]
        kept = {job.id for job in queue.list_jobs(kinds=["examine"], limit=10_000)}
        queue.close()
    finally:
        for taker in takers:
            taker.kill()
            taker.wait()
    return {
        "asked": len(told),
        "wanted": len(wanted),
        "lost": len(wanted) - sum(count == 1 for count in taken) + len(names - kept),
        "doubled": len(kept) - len(wanted) + sum(count > 1 for count in taken),
    }


@contextmanager
def running(program: str, *arguments: str) -> Iterator[int]:
    """A program beside this one, for a while; its number."""
    process = subprocess.Popen([sys.executable, "-c", program, *arguments])
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
