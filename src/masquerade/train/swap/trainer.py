"""One iteration: both people are drawn from changed pictures, and the network follows its loss."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from masquerade.models.trained.swap_shape import SwapShape
from masquerade.train.augment import changed, plain
from masquerade.train.contest import Contest, Losses
from masquerade.train.cost import Precision
from masquerade.train.critic import Critic, judged
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Batch
from masquerade.train.losses import Truth, drawing_loss, dssim, windows
from masquerade.train.schedule import Phase
from masquerade.train.swap.network import Drawn, SwapNetwork
from masquerade.train.swap.options import TrainOptions
from masquerade.train.team import Team


class SwapTrainer(Contest[SwapNetwork]):
    """The network and what trains it.

    Args:
        shape: Of the network.
        options: Of the training.
        precision: Numbers that it computes with.
        team: The processes that train together.
        features: The image features that are compared in the later phases; None: none are.
    """

    def __init__(
        self,
        shape: SwapShape,
        options: TrainOptions,
        *,
        precision: Precision,
        team: Team,
        features: ImageFeatures | None = None,
    ) -> None:
        torch.manual_seed(options.seed)
        super().__init__(SwapNetwork(shape), Critic(shape.drawn), options, team, precision)
        self._options, self._features, self.shape = options, features, shape

    def learn(self, batch: Batch, phase: Phase, *, seed: int) -> Losses | None:
        """One iteration; None, with nothing changed, where its numbers are none.

        Args:
            batch: Of both people.
            phase: Of the schedule.
            seed: Decides what is left to chance within it.
        """
        given, truth = changed(batch.pictures, batch.draws, bend=phase.bend, finer=self.shape.finer)
        mine, theirs = _halves(truth)
        with self.learner.computing():
            source, target = self.learner.together(*given.chunk(2))
        losses = torch.stack([drawing_loss(source, mine), drawing_loss(target, theirs)])
        loss = losses.sum()
        if phase.perceptual and self._features is not None:
            for drawn, wanted in ((source, mine), (target, theirs)):
                loss = loss + self._options.perceptual * self._features.apart(drawn, wanted)
        if phase.critic and self._judges:
            loss = loss + self._options.critic * self._fooled(source, mine)
        if not self.learner.follow(loss, kept=phase.kept, seed=seed):
            return None
        critic = torch.zeros((), device=loss.device)
        if phase.critic and self._judges:
            critic = self._criticise(source.pixels.detach() * mine.mask, mine.pixels * mine.mask)
        said = self._team.mean(torch.cat([losses.detach(), critic[None]])).tolist()
        return Losses(*said) if all(map(math.isfinite, said)) else None

    @torch.no_grad()
    def check(self, pictures: tuple[Tensor, Tensor]) -> tuple[float, float]:
        """How little drawn faces are like real ones that were never trained on: DSSIM of both.

        Args:
            pictures: (n, 5, D, D) uint8 of the source, and of the target.
        """
        network = self.averaged()
        found: list[float] = []
        for number, some in enumerate(pictures):
            given, truth = plain(some.to(self._team.device), finer=self.shape.finer)
            drawn = network(given, given)[number].pixels
            size = windows(self.shape.drawn)[0]
            found.append(float(dssim(drawn * truth.mask, truth.pixels * truth.mask, size)))
        return found[0], found[1]

    @torch.no_grad()
    def drawn(self, pictures: Tensor) -> Drawn:
        """The source's face with the expression of each picture, whoever is in it.

        Args:
            pictures: (n, 5, D, D) uint8.
        """
        given, _ = plain(pictures.to(self._team.device), finer=self.shape.finer)
        return self.averaged().swapped(given)

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Weights in place of those of chance, the averaged ones too."""
        self.learner.network.load_state_dict(weights)
        self.averaged().load_state_dict(weights)

    def _fooled(self, drawn: Drawn, truth: Truth) -> Tensor:
        return judged(self._verdict(drawn.pixels * truth.mask), real=True)


def _halves(truth: Truth) -> tuple[Truth, Truth]:
    parts = zip(*(one.chunk(2) for one in (truth.pixels, truth.mask, truth.features)), strict=True)
    first, second = (Truth(*some) for some in parts)
    return first, second
