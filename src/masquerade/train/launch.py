"""Starts one training in several processes of this machine, by PyTorch's own launcher."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

from masquerade.errors import MasqueradeError


def processes_for(wanted: int, device: str) -> int:
    """How many processes are to train here: as many as were asked for, else one for each GPU.

    Args:
        wanted: How many; 0: not said.
        device: ``auto``, ``cpu`` or ``cuda``.
    """
    if wanted or device == "cpu":
        return max(1, wanted)
    return max(1, torch.cuda.device_count())


def launched(processes: int, arguments: Sequence[str]) -> None:
    """Passes when the command was through in all of so many processes.

    Args:
        processes: How many.
        arguments: Of the command line, without the program's name.

    Raises:
        MasqueradeError: One of them failed; it said why itself.
    """
    words = ["--standalone", "--nproc-per-node", str(processes), "-m", "masquerade", *arguments]
    try:
        main(words)
    except ChildFailedError as error:
        first = min(error.failures.values(), key=lambda failure: failure.timestamp)
        raise MasqueradeError(
            f"process {first.local_rank} of {processes} ended with code {first.exitcode}",
            todo="see what it said above; the same command goes on from the last checkpoint",
        ) from error
