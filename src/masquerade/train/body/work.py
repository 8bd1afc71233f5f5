"""What `masquerade.train.run` needs to know of a body: its trainer, its moments, its model file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.models.trained.body_shape import BodyShape
from masquerade.train.body.file import BodyProduct, write_body
from masquerade.train.body.job import BodyJob
from masquerade.train.body.material import BodyBatch, Material
from masquerade.train.body.options import BodyTrainOptions
from masquerade.train.body.preview import write_body_preview
from masquerade.train.body.trainer import BodyTrainer
from masquerade.train.cost import Cost, Precision
from masquerade.train.run import Tell
from masquerade.train.schedule import Phase
from masquerade.train.team import Team

PHASES: Final = (
    Phase("drawing", 0.7, bend=False),
    Phase("critics", 0.3, bend=False, critic=True),
)


@dataclass(frozen=True, slots=True)
class BodyTrial:
    """A training of which a few iterations are tried."""

    shape: BodyShape
    options: BodyTrainOptions
    team: Team
    material: Material

    @property
    def side(self) -> int:
        """Width and height of its pictures in pixels."""
        return self.shape.side

    def trainer(self, precision: Precision) -> BodyTrainer:
        """What is trained, at a precision, by this process alone."""
        return BodyTrainer(self.shape, self.options, Team(self.team.device), precision)

    def batch(self, share: int) -> BodyBatch:
        """So many pairs."""
        return self.material.batch(share, np.random.default_rng(0))

    def kind(self, phase: Phase) -> tuple[bool, ...]:
        """Whether the critics have a say."""
        return (phase.critic and self.options.critic > 0,)


class Pairs:
    """Gives batch after batch; what an iteration is given hangs on seed and number alone.

    Args:
        material: What they are of.
        batch: Pairs in each.
        seed: What chance begins with.
    """

    def __init__(self, material: Material, batch: int, seed: int) -> None:
        self.seed, self.waited_s = seed, 0.0
        self._material, self._batch = material, batch

    def batches(self, first: int) -> Iterator[BodyBatch]:
        """Batches from an iteration on, without end."""
        step = first
        while True:
            began = time.perf_counter()
            made = self._material.batch(self._batch, np.random.default_rng([self.seed, step]))
            self.waited_s += time.perf_counter() - began
            yield made
            step += 1

    def close(self) -> None:
        """Nothing is left open."""


class BodyWork:
    """A renderer that is learned from moments of a person.

    Args:
        job: What is asked for.
        team: The process.
        material: What it is learned from.
        cost: What an iteration takes here.
        tell: Told, in sentences, what the user should know.
    """

    phases: Final[Sequence[Phase]] = PHASES

    def __init__(
        self, job: BodyJob, team: Team, material: Material, cost: Cost, *, tell: Tell
    ) -> None:
        self._job, self._material, self._tell = job, material, tell
        self._batch = cost.batch
        self.trainer = BodyTrainer(job.shape, job.options, team, cost.precision)

    def loader(self, seed: int) -> Pairs:
        """Gives moments, and the same as other moments' puppets draw them."""
        return Pairs(self._material, self._batch, seed)

    def begin(self) -> None:
        """The network begins with chance, and changes nothing."""

    def check(self) -> tuple[float, float]:
        """DSSIM of moments never trained on, and nothing of anybody else."""
        return self.trainer.check(self._material.check()).drawn, math.nan

    def preview(self, step: int) -> None:
        """Writes a sheet of moments never trained on."""
        write_body_preview(self._job, self.trainer, self._material, step=step, tell=self._tell)

    def product(self, step: int, metrics: Mapping[str, float]) -> BodyProduct:
        """Writes the model, with how good it is now."""
        known = {name: one for name, one in metrics.items() if math.isfinite(one)}
        found = self.trainer.check(self._material.check())
        network = self.trainer.averaged()
        return write_body(self._job, network, found, iterations=step, metrics=known)
