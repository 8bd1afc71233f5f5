"""This machine as part of a Ray cluster, for as long as the command runs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.distributed.likeness import check_ray, likeness
from masquerade.distributed.token import ray_environment
from masquerade.errors import MasqueradeError
from masquerade.options import Options

_STOP_S: Final = 20.0
_PORTS: Final = (
    "--node-manager-port",
    "--object-manager-port",
    "--runtime-env-agent-port",
    "--dashboard-agent-listen-port",
    "--dashboard-agent-grpc-port",
    "--metrics-export-port",
)
"""Of the programs of one machine. Where they are left open, each waits for the others to say."""
_WORKER_PORTS: Final = 100
_INSIDE: Final = "r"  # Ray opens its own folder to everybody, so it lies in one that is closed
_TRIES: Final = 3
LATE: Final = 75
"""Exit code of Ray's command line where a machine did not begin within its fixed 30 seconds."""


class Machine(Options):
    """What a machine gives to a cluster."""

    host: str = "127.0.0.1"
    """Address of this machine by which the others reach it. Ray speaks without encryption: a
    private network, see docs/scale.md."""
    cpus: int = Field(-1, ge=-1, le=1024)
    """Processors for pieces of work; 0 where this machine only seals, -1 for all that it has."""
    gpus: int = Field(0, ge=0, le=64)
    """GPUs for pieces of work."""
    store_mb: int = Field(2000, ge=80, le=1_000_000)
    """Memory for pieces on their way, in megabytes; what does not fit goes to a private folder."""
    first_port: int = Field(0, ge=0, le=65_000)
    """The first of 106 ports that the other machines must reach; 0: any that are free."""


def head_words(machine: Machine, port: int, folder: Path) -> list[str]:
    """The command line of a cluster's first machine.

    Args:
        machine: What it gives.
        port: Where the others find it.
        folder: For files under way, readable by their owner only.
    """
    return [*_words(machine, folder), "--head", f"--port={port}", "--include-dashboard=false"]


def join_words(machine: Machine, address: str, folder: Path) -> list[str]:
    """The command line of every other machine.

    Args:
        machine: What it gives.
        address: ``HOST:PORT`` of the first.
        folder: As above.
    """
    return [*_words(machine, folder), f"--address={address}"]


def stay(
    words: Sequence[str], folder: Path, *, host: str = "127.0.0.1", home: Path | None = None
) -> None:
    """Takes part until the machine is told to end; its folder is removed then.

    Ray gives a machine 30 seconds to begin, of which a busy one may take all: it tries again then.

    Args:
        words: From `head_words` or `join_words`.
        folder: As there.
        host: Address of this machine, as there.
        home: The installation's folder.

    Raises:
        UsageError: Ray is not installed.
        MasqueradeError: The machine could not take part, or lost the cluster.
    """
    check_ray()
    environment = {**os.environ, **ray_environment(home, host=host)}
    with ExitStack() as stack:
        stack.callback(_remove, folder)
        for left in reversed(range(_TRIES)):
            code = _taken_part(words, environment)
            if code != LATE or not left:
                break
            print("this machine was too busy to begin in time; tried again", file=sys.stderr)
    if code:
        raise MasqueradeError(
            f"this machine is no part of the cluster any more (Ray ended with code {code})",
            "a cluster that can be reached, with the same token",
            "see what Ray said above; the token of the first machine: `masquerade cluster token`",
        )


def private_place() -> Path:
    """A new folder with a short name (a socket's path has room for about 100 letters)."""
    return Path(tempfile.mkdtemp(prefix="mq-"))


def _taken_part(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Ray's exit code, once it ends."""
    with ExitStack() as stack:
        process = subprocess.Popen(words, env=environment, stdout=sys.stderr)
        stack.callback(_end, process)
        return process.wait()


def _words(machine: Machine, folder: Path) -> list[str]:
    first = machine.first_port
    ports = _free(len(_PORTS)) if not first else range(first, first + len(_PORTS))
    words = [sys.executable, "-m", "masquerade.distributed.ray", "start", "--block"]
    words += [f"{name}={port}" for name, port in zip(_PORTS, ports, strict=True)]
    if first:
        low = first + len(_PORTS)
        words += [f"--min-worker-port={low}", f"--max-worker-port={low + _WORKER_PORTS - 1}"]
    cpus = machine.cpus if machine.cpus >= 0 else os.cpu_count() or 1
    return [
        *words,
        f"--node-ip-address={machine.host}",
        f"--num-cpus={cpus}",
        f"--num-gpus={machine.gpus}",
        f"--object-store-memory={machine.store_mb * 1_000_000}",
        f"--resources={json.dumps({likeness(): cpus} if cpus else {})}",
        f"--temp-dir={folder / _INSIDE}",
        "--include-log-monitor=false",
        "--disable-usage-stats",
    ]


def _free(count: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _remove(folder: Path) -> None:
    """Removes a folder, in which programs that are just ending may still write."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
