"""Pieces over machines, by Ray: the one file that imports it.

Ray carries functions and objects as Python objects, so that whoever may speak to a cluster may run
anything on it. That is why it only ever runs with a token here, and never with a dashboard.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from masquerade.distributed.answer import RETRIES, Asked, answer, given_by
from masquerade.distributed.likeness import PREFIX, check_ray, likeness
from masquerade.distributed.machine import LATE
from masquerade.distributed.token import is_loopback, ray_environment
from masquerade.errors import MasqueradeError, UsageError
from masquerade.types import Resources

What = TypeVar("What")
One = TypeVar("One")
Given = TypeVar("Given")

ALONE_S: Final = 60.0
"""So long a job waits for machines after the last one went away."""
_LOOK_S: Final = 2.0
_REACH_S: Final = 5.0
_SPARE: Final = 2  # finished pieces that wait, beside those that are worked on
_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class MachineSeen:
    """A machine of a cluster.

    Attributes:
        host: Its address.
        alive: Whether it is there.
        cpus: Processors that it gives.
        gpus: GPUs likewise.
        alike: Its likeness; empty where it takes no pieces.
    """

    host: str
    alive: bool
    cpus: float
    gpus: float
    alike: str


class RayExecutor:
    """Does pieces on the machines of a Ray cluster that are like this one.

    Args:
        address: ``HOST:PORT`` of the cluster, or ``auto`` for the one that this machine is part of.
        home: The installation's folder, in which the cluster's token lies.
        alone_s: How long it waits for machines where there are none.

    Raises:
        UsageError: Ray is not installed, or no cluster answers.
    """

    def __init__(self, address: str, *, home: Path | None = None, alone_s: float = ALONE_S) -> None:
        check_ray()
        _check_reached(address)
        os.environ.update(ray_environment(home, host=address.rpartition(":")[0] or "127.0.0.1"))
        import ray

        if address == "auto":
            os.environ.update(_meets_at(home))
        self._ray, self._alone_s = ray, alone_s
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            raise _silent(address, str(error).splitlines()[0][:120]) from error

    def each(
        self,
        opener: Callable[[What], Callable[[One], Given]],
        asked: What,
        ones: Sequence[One],
        *,
        resources: Resources,
    ) -> Iterator[Given]:
        """See `masquerade.pipelines.executor.Executor`."""
        ray = self._ray
        call = ray.remote(answer).options(
            num_cpus=resources.cpus,
            num_gpus=resources.gpus,
            memory=resources.memory_mb * _MB,
            resources={likeness(): resources.cpus},
            max_retries=RETRIES,
        )
        job, left, begun = ray.put(Asked(opener, asked)), deque(ones), deque[Any]()
        try:
            while left or begun:
                while left and len(begun) < self.slots(resources) + _SPARE:
                    begun.append(call.remote(job, left.popleft()))
                told = self._waited(begun[0])
                begun.popleft()
                yield given_by(told)
        finally:
            for one in begun:
                with suppress(ray.exceptions.RayError):
                    ray.cancel(one)

    def slots(self, resources: Resources) -> int:
        """How many pieces the machines that are like this one can do at a time."""
        there = self._ray.cluster_resources()
        counts = [there.get(likeness(), 0.0) / resources.cpus]
        if resources.gpus:
            counts.append(there.get("GPU", 0.0) / resources.gpus)
        return int(min(counts))

    def machines(self) -> list[MachineSeen]:
        """The machines of the cluster, lost ones too."""
        return [_seen(one) for one in self._ray.nodes()]

    def close(self) -> None:
        """Leaves the cluster; pieces that are under way are given up."""
        self._ray.shutdown()

    def _waited(self, piece: Any) -> Any:
        """What came of a piece, once it is done.

        Raises:
            MasqueradeError: It was lost too often, or there is no machine that could do it.
        """
        since = time.monotonic()
        while not self._ray.wait([piece], timeout=_LOOK_S)[0]:
            if self._ray.cluster_resources().get(likeness()):
                since = time.monotonic()
            elif time.monotonic() - since > self._alone_s:
                raise MasqueradeError(
                    f"no machine of the cluster is like this one ({likeness()})",
                    "one with the same versions and processor",
                    "see `masquerade cluster show`; start some with `masquerade cluster join`",
                )
        try:
            return self._ray.get(piece)
        except self._ray.exceptions.RayError as error:
            raise MasqueradeError(
                f"a piece was lost {RETRIES + 1} times ({type(error).__name__})",
                "machines that stay, with memory enough",
                "the same command goes on from what is finished",
            ) from error


def _check_reached(address: str) -> None:
    """Passes where something listens; Ray by itself would try for minutes.

    Raises:
        UsageError: Nothing does.
    """
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACH_S).close()
    except (OSError, OverflowError) as error:
        raise _silent(address, str(error)) from error


def _silent(address: str, why: str) -> UsageError:
    return UsageError(
        f"no cluster answers at {address} ({why})",
        "a cluster that this machine is part of, with the same token",
        "start one: `masquerade cluster head`, `masquerade cluster join HOST:PORT`",
    )


def _seen(one: dict[str, Any]) -> MachineSeen:
    there = one["Resources"]
    alike = next((name for name in sorted(there) if name.startswith(PREFIX)), "")
    cpus, gpus = there.get("CPU", 0.0), there.get("GPU", 0.0)
    return MachineSeen(one["NodeManagerAddress"], one["Alive"], cpus, gpus, alike)


def _meets_at(home: Path | None) -> dict[str, str]:
    """Variables for the cluster that this machine is part of; for Ray that is imported already."""
    from ray._private import ray_constants, services

    found = sorted(services.find_gcs_addresses())
    host = found[0].rpartition(":")[0] if found else "127.0.0.1"
    ray_constants.ENABLE_RAY_CLUSTER = not is_loopback(host)
    return ray_environment(home, host=host)


def start() -> None:
    """Ray's own command line, in which a machine may join on loopback, and stays there.

    Raises:
        SystemExit: With code `LATE` where the machine did not begin in the time that Ray gives it.
    """
    from ray._private import ray_constants, services
    from ray.scripts import scripts

    if not ray_constants.ENABLE_RAY_CLUSTER:
        ray_constants.ENABLE_RAY_CLUSTER = True
        services.resolve_ip_for_localhost = lambda host: host
    try:
        scripts.main()
    except Exception as error:  # Ray raises nothing more particular
        if "timed out" not in str(error).lower():
            raise
        print(error, file=sys.stderr)
        raise SystemExit(LATE) from error


if __name__ == "__main__":
    start()
