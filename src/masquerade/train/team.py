"""The processes of one training: alone, or as many as `torchrun` started, on one machine or more.

PyTorch's own launcher sets ``RANK``, ``WORLD_SIZE`` and where the first process is met; a command
that is started without it is alone. Each process has one device and works on its share of every
batch; gradients are averaged, so all of them hold the same weights at every step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from masquerade.errors import UsageError

_PATIENCE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Team:
    """The processes that train together, and which of them this is.

    Attributes:
        device: Where this one computes.
        rank: Its number.
        size: How many there are.
    """

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether it is the one that saves and reports."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of a row of things that all share, whose number they divide."""
        each = count // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def joined(self, network: nn.Module) -> nn.Module:
        """The network, its gradients averaged with those of the other processes."""
        if self.size == 1:
            return network
        ids = [self.device.index or 0] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=ids)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of a tensor over all processes."""
        if self.size == 1:
            return values
        summed = values.detach().clone()
        distributed.all_reduce(summed)
        return summed / self.size

    def agreed(self, flag: bool) -> bool:
        """Whether any process says so, which all of them then do."""
        if self.size == 1:
            return flag
        said = torch.tensor(float(flag), device=self.device)
        distributed.all_reduce(said, op=distributed.ReduceOp.MAX)
        return bool(said.item())


@contextmanager
def gathered(device: str) -> Iterator[Team]:
    """The team this process belongs to, until the end of the block.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        UsageError: The device is not there.
    """
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    chosen = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
    if size == 1:
        yield Team(chosen)
        return
    backend = "nccl" if chosen.type == "cuda" else "gloo"
    distributed.init_process_group(backend, timeout=_PATIENCE)
    try:
        yield Team(chosen, rank, size)
    finally:
        distributed.destroy_process_group()


def _device(wanted: str, number: int) -> torch.device:
    there = torch.cuda.is_available()
    if wanted == "cpu" or (wanted == "auto" and not there):
        return torch.device("cpu")
    if not there or number >= torch.cuda.device_count():
        raise UsageError(
            f"--device {wanted}, yet PyTorch sees {torch.cuda.device_count()} GPUs here",
            f"at least {number + 1}",
            "install PyTorch with CUDA, use fewer processes, or leave --device out",
        )
    torch.cuda.set_device(number)
    return torch.device("cuda", number)
