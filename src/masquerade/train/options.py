"""What can be chosen about any training, and the name of a training by what was chosen."""

from __future__ import annotations

import hashlib
import json
from typing import Final, Literal

from pydantic import Field

from masquerade import options as base

FREE: Final = frozenset(
    {
        "iterations",
        "batch",
        "save_every",
        "keep",
        "preview_every",
        "tensorboard",
        "threads",
        "processes",
        "device",
        "precision",
    }
)
"""Options that may change on the way, or are held against the checkpoint one by one."""


class Learning(base.Options):
    """How anything is learned, whatever it is."""

    iterations: int = Field(0, ge=0, le=5_000_000)
    """How many in all; 0: the preset's."""
    batch: int = Field(0, ge=0, le=1024)
    """Pictures of each person in an iteration; 0: as many of the preset's as fit into memory."""
    rate: float = Field(2e-4, gt=0, le=0.01)
    """Length of the optimiser's steps."""
    clip: float = Field(1.0, gt=0, le=1000)
    """Longest gradient that a step follows."""
    average: float = Field(0.999, ge=0, lt=1)
    """How slowly the averaged weights follow, that are used in the end."""
    critic: float = Field(0.1, ge=0, le=10)
    """Weight of the critic's word in the last phase; 0: left out."""
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    """Numbers that the network computes with; auto: what this device is fastest with."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where it is trained; auto: cuda where there is one."""
    threads: int = Field(0, ge=0, le=256)
    """Threads of the processor for each process; 0: as many as there are cores for it."""
    seed: int = Field(1, ge=0, le=2**63 - 1)
    """What chance begins with: the same seed, the same training."""
    save_every: int = Field(0, ge=0)
    """Iterations between two checkpoints; 0: about every five minutes."""
    keep: int = Field(3, ge=1, le=100)
    """How many checkpoints are kept."""
    preview_every: int = Field(0, ge=0)
    """Iterations between two previews; 0: with each checkpoint."""
    tensorboard: bool = False
    """Write TensorBoard's files too."""

    def run_of(self, *known: object, free: frozenset[str] = FREE) -> str:
        """Hash of all that decides the weights of a training: what goes on to the same numbers.

        Args:
            known: What it is learned from, and the sizes of the network; as JSON holds it.
            free: Options that may be others.
        """
        made = [self.model_dump(mode="json", exclude=set(free)), *known]
        return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()
