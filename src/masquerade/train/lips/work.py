"""What `masquerade.train.run` needs to know of a mouth: its trainer, its frames, its model file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.faces.mouth.shape import MouthSpace
from masquerade.train.cost import Cost, Precision
from masquerade.train.lips.file import LipsProduct, write_lips
from masquerade.train.lips.job import LipsJob
from masquerade.train.lips.material import Example, Material
from masquerade.train.lips.options import LipsOptions
from masquerade.train.lips.preview import SHOWN, write_lips_preview
from masquerade.train.lips.trainer import LipsTrainer
from masquerade.train.run import Tell
from masquerade.train.schedule import Phase
from masquerade.train.team import Team

PHASES: Final = (
    Phase("drawing", 0.8, bend=False),
    Phase("critic", 0.2, bend=False, critic=True),
)
_CHECKED: Final = 48  # frames never trained on, that are looked at


@dataclass(frozen=True, slots=True)
class LipsTrial:
    """A training of which a few iterations are tried."""

    options: LipsOptions
    team: Team
    material: Material

    @property
    def side(self) -> int:
        """Width and height of its pictures in pixels."""
        return LipsTrainer.side

    def trainer(self, precision: Precision) -> LipsTrainer:
        """What is trained, at a precision, by this process alone."""
        return LipsTrainer(self.options, Team(self.team.device), precision)

    def batch(self, share: int) -> Example:
        """So many frames."""
        return self.material.batch(share, np.random.default_rng(0))

    def kind(self, phase: Phase) -> tuple[bool, ...]:
        """Whether the critic has a say."""
        return (phase.critic and self.options.critic > 0,)


class Examples:
    """Gives batch after batch.

    Args:
        material: What they are of.
        batch: Frames in each.
        seed: What chance begins with.
    """

    def __init__(self, material: Material, batch: int, seed: int) -> None:
        self.seed, self.waited_s = seed, 0.0
        self._material, self._batch = material, batch

    def batches(self, first: int) -> Iterator[Example]:
        """Batches from an iteration on, without end."""
        step = first
        while True:
            yield self._material.batch(self._batch, np.random.default_rng([self.seed, step]))
            step += 1

    def close(self) -> None:
        """Nothing is left open."""


class LipsWork:
    """A mouth that is learned from footage.

    Args:
        job: What is asked for.
        team: The process.
        material: What it is learned from.
        space: The person's shapes.
        cost: What an iteration takes here.
        tell: Told, in sentences, what the user should know.
    """

    phases: Final[Sequence[Phase]] = PHASES

    def __init__(
        self,
        job: LipsJob,
        team: Team,
        material: Material,
        space: MouthSpace,
        cost: Cost,
        *,
        tell: Tell,
    ) -> None:
        self._job, self._material, self._space, self._tell = job, material, space, tell
        self._batch = cost.batch
        self.trainer = LipsTrainer(job.options, team, cost.precision)

    def loader(self, seed: int) -> Examples:
        """Gives frames, and the same as drawn without the network."""
        return Examples(self._material, self._batch, seed)

    def begin(self) -> None:
        """The network begins with chance, and changes nothing."""

    def check(self) -> tuple[float, float]:
        """DSSIM of frames never trained on, and nothing of anybody else."""
        return self.trainer.check(self._material.check(_CHECKED)).drawn, math.nan

    def preview(self, step: int) -> None:
        """Writes a sheet of frames never trained on."""
        some = self._material.check(SHOWN)
        columns = some.true, some.drawn, self.trainer.drawn(some)
        write_lips_preview(self._job, columns, step=step, tell=self._tell)

    def product(self, step: int, metrics: Mapping[str, float]) -> LipsProduct:
        """Writes the model, with how good it is now."""
        return write_lips(
            self._job.out,
            self.trainer.averaged(),
            self._space,
            self._job.identity,
            self._job.record,
            inputs=self._job.inputs,
            frames=len(self._material.taught),
            iterations=step,
            metrics={name: one for name, one in metrics.items() if math.isfinite(one)},
            checked=self.trainer.check(self._material.check(_CHECKED)),
        )
