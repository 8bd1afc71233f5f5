"""One iteration of a mouth's training: drawn anew, held against the real one, a step down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.faces.mouth_crop import SIDE, weight
from masquerade.models.lips_shape import LipsShape
from masquerade.train.checkpoint import part, prefixed
from masquerade.train.cost import Precision
from masquerade.train.critic import Critic, judged
from masquerade.train.learner import Learner
from masquerade.train.lips_material import Example
from masquerade.train.lips_network import LipsNetwork
from masquerade.train.lips_options import LipsOptions
from masquerade.train.losses import STRUCTURE, dssim, windows
from masquerade.train.schedule import Phase
from masquerade.train.team import Team
from masquerade.train.trainer import CRITIC_RATE, Losses

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


class LipsTrainer:
    """The network and what trains it.

    Args:
        options: Of the training.
        team: The process that trains.
        precision: Numbers that it computes with.
    """

    side: ClassVar[int] = SIDE

    def __init__(self, options: LipsOptions, team: Team, precision: Precision) -> None:
        torch.manual_seed(options.seed)
        self._team, self._word = team, options.critic
        network, critic = LipsNetwork(LipsShape(width=options.width)), Critic(SIDE)
        self.learner = Learner(
            network,
            team,
            rate=options.rate,
            clip=options.clip,
            average=options.average,
            precision=precision,
        )
        self.critic = Learner(
            critic,
            team,
            rate=options.rate * CRITIC_RATE,
            clip=options.clip,
            average=0,
            precision=precision,
        )
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
        judges = phase.critic and self._word > 0
        whole = loss + self._word * self._fooled(made) if judges else loss
        if not self.learner.follow(whole, kept=phase.kept, seed=seed):
            return None
        said = float(self._criticise(made.detach(), true)) if judges else 0.0
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

    def averaged(self) -> LipsNetwork:
        """The network with the averaged weights, which are the better ones."""
        network = self.learner.averaged or self.learner.network
        assert isinstance(network, LipsNetwork)
        return network

    def slow_down(self) -> None:
        """Shorter steps from now on."""
        self.learner.slow_down()
        self.critic.slow_down()

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint holds."""
        critic = prefixed("critic", self.critic.tensors()) if self._word else {}
        return prefixed("network", self.learner.tensors()) | critic

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        self.learner.load(part("network", tensors))
        if self._word:
            self.critic.load(part("critic", tensors))

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
        self.critic.network.requires_grad_(False)
        with self.critic.computing():
            maps = self.critic.network(made * self._weight)
        self.critic.network.requires_grad_(True)
        return judged(maps, real=True)

    def _criticise(self, made: Tensor, true: Tensor) -> Tensor:
        """The critic's own step."""
        with self.critic.computing():
            coarse, fine = self.critic.together(torch.cat([made, true]) * self._weight)
        count = len(true)
        fake = judged((coarse[:count], fine[:count]), real=False)
        real = judged((coarse[count:], fine[count:]), real=True)
        loss = (fake + real) / 2
        self.critic.follow(loss)
        return loss.detach()

    def _apart(self, made: Tensor, true: Tensor) -> Tensor:
        sizes = windows(true.shape[-1])
        mine, real = made * self._weight, true * self._weight
        return torch.stack([dssim(mine, real, size) for size in sizes]).mean()
