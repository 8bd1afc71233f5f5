"""A Ray cluster of several machines on this one, for measuring and testing; gone afterwards."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from masquerade.distributed.likeness import likeness
from masquerade.distributed.token import ray_environment

LOOPBACK = "127.0.0.1"
STORE_BYTES = 80_000_000
_TRIES = 3
_PORTS = ("metrics_agent_port", "dashboard_agent_listen_port", "runtime_env_agent_port")


@dataclass(frozen=True)
class Machines:
    """A cluster that runs.

    Attributes:
        address: Where a command finds it.
        cluster: Ray's own handle.
        nodes: Its handles of the machines.
        folder: Where Ray keeps what it keeps.
    """

    address: str
    cluster: Any
    nodes: list[Any] = field(default_factory=list)
    folder: Path = Path()

    def kill(self, number: int) -> None:
        """As when a machine's power goes."""
        self.cluster.remove_node(self.nodes[number], allow_graceful=False)


@contextmanager
def machines(count: int, *, home: Path, drawing_home: Path) -> Iterator[Machines]:
    """So many machines of one processor each, that see each other by loopback alone.

    Args:
        count: How many.
        home: The installation's folder, with the cluster's token.
        drawing_home: What is the installation's folder there; must stay empty.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mq-"))
        variables = {**ray_environment(home), "MASQUERADE_HOME": str(drawing_home)}
        stack.callback(_kill_all, folder)
        with patch.dict(os.environ, variables):
            from ray.cluster_utils import Cluster  # reads the variables when it is imported

            cluster = Cluster()
            stack.callback(cluster.shutdown)
            nodes = [_patiently(cluster, folder) for _ in range(count)]
        port = cluster.address.rpartition(":")[2]
        yield Machines(f"{LOOPBACK}:{port}", cluster, nodes, Path(folder))


def _patiently(cluster: Any, folder: str) -> Any:
    """A machine; Ray gives it 30 seconds to begin, of which a busy computer may take all."""
    for _ in range(_TRIES - 1):
        try:
            return _begun(cluster, folder)
        except Exception as error:  # Ray raises nothing more particular
            print(f"a machine did not begin in time: {error}", file=sys.stderr)
    return _begun(cluster, folder)


def _begun(cluster: Any, folder: str) -> Any:
    """A machine with one processor; its ports are named, since asking for them takes long."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in _PORTS]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        ports = dict(zip(_PORTS, [one.getsockname()[1] for one in sockets], strict=True))
    first = {} if cluster.head_node else {"include_dashboard": False, "no_monitor": True}
    return cluster.add_node(
        num_cpus=1,
        num_gpus=0,
        object_store_memory=STORE_BYTES,
        resources={likeness(): 1},
        node_ip_address=LOOPBACK,
        include_log_monitor=False,
        temp_dir=folder,
        **first,
        **ports,
    )


def _kill_all(folder: str) -> None:
    """Ends whatever of a cluster is still there."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(folder in word for word in process.cmdline()):
                process.kill()
