"""What a training takes of a device: found out once, and kept in its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Precision = Literal["bf16", "fp16", "fp32"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What was found out.

    Attributes:
        batch: Pictures of each person in an iteration, of all processes together.
        precision: Numbers that the network computes with.
        iteration_s: Seconds an iteration, the mean over the schedule.
        memory_mb: Megabytes of the device that one process takes.
        weights: Numbers in the network.
        device: Kind of device it was found out on.
        processes: How many trained together.
    """

    batch: int
    precision: Precision
    iteration_s: float
    memory_mb: float
    weights: int
    device: str
    processes: int = 1

    @property
    def checkpoint_mb(self) -> float:
        """Megabytes of one checkpoint: weights, their average, and two moments of each."""
        return self.weights * 4 * 4 / 1e6
