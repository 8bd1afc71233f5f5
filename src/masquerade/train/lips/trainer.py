"""One iteration of a mouth's training: drawn anew, held against the real one, a step down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.faces.mouth.crop import SIDE, weight
from masquerade.models.trained.lips_shape import LipsShape
from masquerade.train.contest import Contest, Losses
from masquerade.train.cost import Precision
from masquerade.train.critic import Critic, judged
from masquerade.train.lips.material import Example
from masquerade.train.lips.network import LipsNetwork
from masquerade.train.lips.options import LipsOptions
from masquerade.train.losses import STRUCTURE, dssim, windows
from masquerade.train.schedule import Phase
from masquerade.train.team import Team

_DISTANCE: Final = 20.0  # weight of absolute differences; the mouth covers half of the square
_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """Of frames never trained on: how little they are like the real ones, DSSIM.

    Attributes:
        drawn: As the network draws them.
        given: As it was given them.
    """

    drawn: float
    given: float


class LipsTrainer(Contest[LipsNetwork]):
    """The network and what trains it.

    Args:
        options: Of the training.
        team: The process that trains.
        precision: Numbers that it computes with.
    """

    side: ClassVar[int] = SIDE

    def __init__(self, options: LipsOptions, team: Team, precision: Precision) -> None:
        torch.manual_seed(options.seed)
        network, critic = LipsNetwork(LipsShape(width=options.width)), Critic(SIDE)
        super().__init__(network, critic, options, team, precision)
        self._word = options.critic
        self._weight = torch.from_numpy(np.array(weight())).to(team.device)[None, None]

    def learn(self, batch: Example, phase: Phase, *, seed: int) -> Losses | None:
        """One iteration; None, with nothing changed, where its numbers are none.

        Args:
            batch: Frames.
            phase: Of the schedule.
            seed: Decides which weights a step changes, where it does not change all.
        """
        drawn, told, true = self._tensors(batch)
        with self.learner.computing():
            made = self.learner.together(drawn, told)
        loss = self._loss(made.float(), true)
        judges = phase.critic and self._judges
        whole = loss + self._word * self._fooled(made) if judges else loss
        if not self.learner.follow(whole, kept=phase.kept, seed=seed):
            return None
        said = 0.0
        if judges:
            said = float(self._criticise(made.detach() * self._weight, true * self._weight))
        losses = Losses(float(loss.detach()), 0.0, said)
        return losses if math.isfinite(losses.source + said) else None

    @torch.no_grad()
    def check(self, example: Example) -> Checked:
        """How good the network is now."""
        drawn, _, true = self._tensors(example)
        made = torch.from_numpy(self.drawn(example)).to(self._team.device)
        return Checked(float(self._apart(made, true)), float(self._apart(drawn, true)))

    @torch.no_grad()
    def drawn(self, example: Example) -> NDArray[np.float32]:
        """(n, 3, 104, 104) float32 what the network makes of examples, in [0, 1]."""
        drawn, told, _ = self._tensors(example)
        network = self.averaged()
        begins = range(0, len(drawn), _AT_ONCE)
        made = torch.cat([network(drawn[k:][:_AT_ONCE], told[k:][:_AT_ONCE]) for k in begins])
        return np.asarray(made.clamp(0, 1).cpu().numpy(), np.float32)

    def _tensors(self, example: Example) -> tuple[Tensor, Tensor, Tensor]:
        device = self._team.device
        drawn, told, true = (
            torch.from_numpy(one).to(device) for one in (example.drawn, example.told, example.true)
        )
        return drawn.contiguous(memory_format=torch.channels_last), told, true

    def _loss(self, made: Tensor, true: Tensor) -> Tensor:
        distance = ((made - true).abs() * self._weight).mean()
        return STRUCTURE * self._apart(made, true) + _DISTANCE * distance

    def _fooled(self, made: Tensor) -> Tensor:
        return judged(self._verdict(made * self._weight), real=True)

    def _apart(self, made: Tensor, true: Tensor) -> Tensor:
        sizes = windows(true.shape[-1])
        mine, real = made * self._weight, true * self._weight
        return torch.stack([dssim(mine, real, size) for size in sizes]).mean()
