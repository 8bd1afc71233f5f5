"""One iteration of a body's renderer: pairs of moments are drawn, compared, and judged.

What is compared: colours and structure, where the person is, how they move from one picture to the
next; and, last, what two critics say: of single pictures, patch by patch (Isola et al.,
"Image-to-image translation with conditional adversarial networks", 2017, arXiv:1611.07004), and of
two that follow each other (Chan et al., "Everybody dance now", 2019, arXiv:1808.07371).
"""

from __future__ import annotations

import math
from typing import ClassVar, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.models.trained.body_shape import BodyShape
from masquerade.train.body.material import BodyBatch
from masquerade.train.body.network import BodyNetwork, Rendered, rendered
from masquerade.train.body.options import BodyTrainOptions
from masquerade.train.contest import Contest, Losses
from masquerade.train.cost import Precision
from masquerade.train.critic import Critic, judged
from masquerade.train.losses import dssim, windows
from masquerade.train.schedule import Phase
from masquerade.train.team import Team

COLOURS: Final = 10.0
STRUCTURE: Final = 5.0
COVER: Final = 5.0
PAINT: Final = 0.05  # for each pixel that is painted: the puppet's own are sharper
ROUGH: Final = 0.5  # for movements that differ from place to place
_SHOWN: Final = 4  # channels: red, green, blue, alpha
_POSE: Final = slice(_SHOWN, None)  # of what is given


class Found(NamedTuple):
    """DSSIM to moments never trained on: of what the network draws, and of the puppet alone."""

    drawn: float
    puppet: float


class _Critics(nn.Module):
    """Of single pictures with their pose, and of two that follow each other."""

    def __init__(self, shape: BodyShape, poses: int) -> None:
        super().__init__()
        self.single = Critic(shape.side, _SHOWN + poses)
        self.pair = Critic(shape.side, 2 * _SHOWN)

    def forward(self, shown: Tensor, poses: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Maps of judgements; see `masquerade.train.critic`."""
        pairs = torch.cat(shown.chunk(2), dim=1)
        return *self.single(torch.cat([shown, poses], dim=1)), *self.pair(pairs)


class BodyTrainer(Contest[BodyNetwork]):
    """The network and what trains it.

    Args:
        shape: Of the network.
        options: Of the training.
        team: The process.
        precision: Numbers that it computes with.
    """

    critic_name: ClassVar[str] = "critics"

    def __init__(
        self, shape: BodyShape, options: BodyTrainOptions, team: Team, precision: Precision
    ) -> None:
        torch.manual_seed(options.seed)
        network = BodyNetwork(shape)
        critics = _Critics(shape, network.enter.in_channels - _SHOWN)
        super().__init__(network, critics, options, team, precision)
        self._options, self.shape = options, shape

    def learn(self, batch: BodyBatch, phase: Phase, *, seed: int) -> Losses | None:
        """One iteration; None, with nothing changed, where its numbers are none.

        Args:
            batch: Pairs of moments.
            phase: Of the schedule.
            seed: Decides what is left to chance within it.
        """
        given, truth = changed(batch.to(self._team.device))
        with self.learner.computing():
            said = self.learner.together(given)
        made = rendered(given, said)
        compared = self._compared(made, truth)
        loss, is_judged = compared, phase.critic and self._judges
        if is_judged:
            loss = loss + self._options.critic * self._fooled(made, given)
        if not self.learner.follow(loss, kept=phase.kept, seed=seed):
            return None
        critic = torch.zeros((), device=loss.device)
        if is_judged:
            critic = self._taught(made, truth, given)
        told = self._team.mean(torch.stack([compared.detach(), critic])).tolist()
        return Losses(told[0], 0.0, told[1]) if all(map(math.isfinite, told)) else None

    @torch.no_grad()
    def drawn(self, given: Tensor) -> Rendered:
        """What the averaged network makes.

        Args:
            given: (n, 10, S, S) uint8.
        """
        values = given.to(self._team.device).float() / 255
        return rendered(values, self.averaged()(values))

    @torch.no_grad()
    def check(self, material: tuple[Tensor, Tensor]) -> Found:
        """How little what is drawn is like moments that were never trained on.

        Args:
            material: (n, 10, S, S) and (n, 4, S, S) uint8 what is given, and what is to come out.
        """
        given, truth = material
        wanted = truth[:, :3].to(self._team.device).float() / 255
        puppet = given[:, :3].to(self._team.device).float() / 255
        size = windows(self.shape.side)[0]
        made = self.drawn(given).pixels
        return Found(float(dssim(made, wanted, size)), float(dssim(puppet, wanted, size)))

    def _compared(self, made: Rendered, truth: Tensor) -> Tensor:
        """How far what is drawn is from the truth, one number."""
        colours = (made.pixels - truth[:, :3]).abs().mean()
        side = truth.shape[-1]
        structure = [dssim(made.pixels, truth[:, :3], size) for size in windows(side)]
        cover = (made.alpha - truth[:, 3:]).abs().mean()
        mine, real = (one.chunk(2) for one in (made.shown, truth))
        moving = ((mine[1] - mine[0]) - (real[1] - real[0])).abs().mean()
        rough = made.moved.diff(dim=2).abs().mean() + made.moved.diff(dim=3).abs().mean()
        return (
            COLOURS * colours
            + STRUCTURE * torch.stack(structure).mean()
            + COVER * cover
            + self._options.temporal * moving
            + PAINT * made.painted.mean()
            + ROUGH * rough
        )

    def _fooled(self, made: Rendered, given: Tensor) -> Tensor:
        return _judged(self._verdict(made.shown, given[:, _POSE]), real=True)

    def _taught(self, made: Rendered, truth: Tensor, given: Tensor) -> Tensor:
        """The critics' own step: how far they were wrong."""
        with self.critic.computing():
            fake = self.critic.together(made.shown.detach(), given[:, _POSE])
            real = self.critic.together(truth, given[:, _POSE])
        loss = (_judged(fake, real=False) + _judged(real, real=True)) / 2
        self.critic.follow(loss)
        return loss.detach()


def changed(batch: BodyBatch) -> tuple[Tensor, Tensor]:
    """(2 B, 10, S, S) and (2 B, 4, S, S) in [0, 1]: pairs moved, and in another light.

    Args:
        batch: Pairs of moments, on the device.
    """
    device, side = batch.given.device, batch.given.shape[-1]
    joined = torch.cat([batch.given, batch.truth], dim=1)
    moves = batch.draws.moves.to(device).repeat(2, 1, 1)
    light = batch.draws.light[:, :3].to(device).repeat(2, 1, 1, 1)
    size = [len(joined), joined.shape[1], side, side]
    places = functional.affine_grid(moves, size, align_corners=False)
    looked_up = functional.grid_sample(joined.float() / 255, places, align_corners=False)
    channels = batch.given.shape[1]
    given, truth = looked_up[:, :channels], looked_up[:, channels:]

    def lit(one: Tensor) -> Tensor:
        colours = torch.minimum(one[:, :3] * light, one[:, 3:4])  # premultiplied: alpha at most
        return torch.cat([colours, one[:, 3:]], dim=1)

    return lit(given), lit(truth)


def _judged(maps: tuple[Tensor, Tensor, Tensor, Tensor], *, real: bool) -> Tensor:
    """How far both critics' judgements are from what they should be."""
    return (judged(maps[:2], real=real) + judged(maps[2:], real=real)) / 2
