"""What is trained when: bent pictures first, finer steps, plain pictures, and last the critic.

The order is DeepFaceLab's: while pictures are bent, the network learns what a face is like; the
critic comes last, because it would make details of faces that are not right yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a training.

    Attributes:
        name: In words.
        share: Of all iterations.
        bend: Whether what goes into the network is bent.
        kept: Share of the weights that each step changes: Lin et al., "Learning rate dropout"
            (2019, arXiv:1912.00144).
        perceptual: Whether image features are compared too.
        critic: Whether the critic has a say.
    """

    name: str
    share: float
    bend: bool = True
    kept: float = 1.0
    perceptual: bool = False
    critic: bool = False


PHASES: Final = (
    Phase("bent pictures", 0.55),
    Phase("finer steps", 0.1, kept=0.3),
    Phase("plain pictures", 0.2, bend=False, perceptual=True),
    Phase("critic", 0.15, bend=False, perceptual=True, critic=True),
)


def phase_at(step: int, iterations: int, phases: Sequence[Phase] = PHASES) -> Phase:
    """The phase of an iteration.

    Args:
        step: Counted from 0.
        iterations: Of the whole training.
        phases: In order; those of a swap where not given.

    Example:
        >>> phase_at(0, 100).name, phase_at(99, 100).name
        ('bent pictures', 'critic')
    """
    reached = 0.0
    for phase in phases:
        reached += phase.share
        if step < round(reached * iterations):
            return phase
    return phases[-1]


def begins(name: str, iterations: int, phases: Sequence[Phase] = PHASES) -> int:
    """The first iteration of a phase."""
    before = 0.0
    for phase in phases:
        if phase.name == name:
            break
        before += phase.share
    return round(before * iterations)
