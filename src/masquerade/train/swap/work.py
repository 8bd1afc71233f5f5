"""What `masquerade.train.run` needs to know of a swap: its trainer, its faces, its model file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from masquerade.faces.readers import FaceReader
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.train.augment import CHANNELS, ON_THE_MAP, Amounts, Draws
from masquerade.train.cost import Cost, Precision
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Batch, Faces, Loader
from masquerade.train.schedule import PHASES, Phase
from masquerade.train.swap.file import Product, write_model
from masquerade.train.swap.job import Job
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.people import Person
from masquerade.train.swap.preview import write_preview
from masquerade.train.swap.start import Start
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.train.team import Team


@dataclass(frozen=True, slots=True)
class Setup:
    """What a training works with, from its first iteration to its last.

    Attributes:
        job: What is asked for.
        team: The processes.
        people: The source and the target.
        faces: Theirs, as the network takes them.
        start: What it begins with.
        cost: What an iteration takes here.
        reader: The loaded face networks.
        features: The image features that are compared in the later phases.
    """

    job: Job
    team: Team
    people: tuple[Person, Person]
    faces: tuple[Faces, Faces]
    start: Start
    cost: Cost
    reader: FaceReader
    features: ImageFeatures | None


@dataclass(frozen=True, slots=True)
class SwapTrial:
    """A swap that is tried.

    Attributes:
        shape: Of the network.
        options: Of the training.
        team: The processes.
        features: Compared in the later phases, where they are.
    """

    shape: SwapShape
    options: TrainOptions
    team: Team
    features: ImageFeatures | None

    @property
    def side(self) -> int:
        """Width and height of what the network looks at, in pixels."""
        return self.shape.side

    def trainer(self, precision: Precision) -> SwapTrainer:
        """The network and its critic; whoever trains with it waits for nobody here."""
        alone = Team(self.team.device)
        return SwapTrainer(
            self.shape, self.options, precision=precision, team=alone, features=self.features
        )

    def batch(self, share: int) -> Batch:
        """Black pictures of both people."""
        size = (2 * share, CHANNELS, self.shape.drawn, self.shape.drawn)
        pictures = torch.zeros(size, dtype=torch.uint8, device=self.team.device)
        return Batch(pictures, Draws.of(range(2 * share), Amounts()))

    def kind(self, phase: Phase) -> tuple[bool, ...]:
        """Bent, in part, compared, judged."""
        compared = phase.perceptual and self.features is not None
        judged = phase.critic and self.options.critic > 0
        return phase.bend, phase.kept < 1, compared, judged


class SwapWork:
    """A swap that is learned from two facesets.

    Args:
        setup: What it works with.
        tell: Told, in sentences, what the user should know.
    """

    phases: Final[Sequence[Phase]] = PHASES

    def __init__(self, setup: Setup, *, tell: Callable[[str], None]) -> None:
        self._setup, self._tell = setup, tell
        self.trainer = SwapTrainer(
            setup.job.shape,
            setup.job.chosen(),
            precision=setup.cost.precision,
            team=setup.team,
            features=setup.features,
        )

    def loader(self, seed: int) -> Loader:
        """Gives the pictures of both people."""
        return Loader(self._setup.faces, ON_THE_MAP, self._setup.cost.batch, seed, self._setup.team)

    def begin(self) -> None:
        """Weights of a base or a model, where it begins with one."""
        if self._setup.start.weights:
            self.trainer.begin_with(self._setup.start.weights)

    def check(self) -> tuple[float, float]:
        """DSSIM of faces never trained on, of the source and of the target."""
        source, target = (one.read(one.checked) for one in self._setup.faces)
        return self.trainer.check((source, target))

    def preview(self, step: int) -> None:
        """Writes a sheet of faces never trained on."""
        mine, theirs = (one.checked for one in self._setup.faces)
        write_preview(
            self._setup.job.folder,
            self.trainer,
            self._setup.people,
            (mine, theirs),
            step=step,
            start=self._setup.start,
            reader=self._setup.reader,
            tell=self._tell,
        )

    def product(self, step: int, metrics: Mapping[str, float]) -> Product:
        """Writes the model."""
        return write_model(
            self._setup.job.out,
            self.trainer.averaged(),
            self._setup.people,
            self._setup.reader,
            iterations=step,
            metrics=metrics,
            start=self._setup.start,
        )
