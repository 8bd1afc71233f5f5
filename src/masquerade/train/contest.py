"""A network that draws and the critic that judges what it draws: they learn together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic

import torch
from torch import Tensor, nn

from masquerade.train.checkpoint import part, prefixed
from masquerade.train.cost import Precision
from masquerade.train.critic import judged
from masquerade.train.learner import Learner, N
from masquerade.train.options import Learning
from masquerade.train.team import Team

CRITIC_RATE: Final = 0.5  # of the network's own steps


@dataclass(frozen=True, slots=True)
class Losses:
    """What one iteration came to, of all processes together."""

    source: float
    target: float
    critic: float = 0.0

    @property
    def total(self) -> float:
        """Of both people."""
        return self.source + self.target


class Contest(Generic[N]):
    """A network and its critic, each with what changes while it learns.

    Args:
        network: That draws.
        critic: That judges; gives pairs of maps, see `masquerade.train.critic`.
        options: Of the training.
        team: The processes that train together.
        precision: Numbers that they compute with.
    """

    critic_name: ClassVar[str] = "critic"
    """What the names of the critic's tensors begin with in checkpoints."""

    def __init__(
        self, network: N, critic: nn.Module, options: Learning, team: Team, precision: Precision
    ) -> None:
        self._team, self._judges = team, options.critic > 0
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

    def averaged(self) -> N:
        """The network with the averaged weights, which are the better ones."""
        return self.learner.averaged or self.learner.network

    def slow_down(self) -> None:
        """Shorter steps from now on."""
        self.learner.slow_down()
        self.critic.slow_down()

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint holds."""
        found = prefixed("network", self.learner.tensors())
        if self._judges:
            found |= prefixed(self.critic_name, self.critic.tensors())
        return found

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        self.learner.load(part("network", tensors))
        if self._judges:
            self.critic.load(part(self.critic_name, tensors))

    def _verdict(self, *shown: Tensor) -> Any:
        """What the critic says of what was drawn; it does not learn from that itself."""
        self.critic.network.requires_grad_(False)
        with self.critic.computing():
            maps = self.critic.network(*shown)
        self.critic.network.requires_grad_(True)
        return maps

    def _criticise(self, drawn: Tensor, real: Tensor) -> Tensor:
        """The critic's own step, from as many drawn pictures as real ones: how far it was wrong.

        Args:
            drawn: (n, C, S, S), of no graph.
            real: (n, C, S, S).
        """
        with self.critic.computing():
            coarse, fine = self.critic.together(torch.cat([drawn, real]))
        count = len(real)
        fake = judged((coarse[:count], fine[:count]), real=False)
        true = judged((coarse[count:], fine[count:]), real=True)
        loss = (fake + true) / 2
        self.critic.follow(loss)
        return loss.detach()
