"""The networks of `masquerade.models.generic_lips` while they learn: PyTorch, a minute each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from masquerade.models.generic_lips import DILATIONS, ROW, TAPS

Floats = NDArray[np.float32]

WIDTH: Final = 96
_KINDS: Final = ((0, 40), (40, 424), (424, 808))
_BATCH: Final = 16
_RATE: Final = 1.5e-3
_DECAY: Final = 0.02
_DROPPED: Final = 0.3
_JITTER: Final = 0.25  # of a number's deviation: what is heard of others differs all through
_FASTER: Final = 0.5  # weight of the error of what changes from frame to frame
_OPEN: Final = 2.0  # weight of the error of the opening, which is seen first


@dataclass(frozen=True, slots=True)
class LipsLesson:
    """A stretch of speech in several voices, and the mouth's shape at some of its times.

    Attributes:
        rows: (voices, n, 808) float32.
        places: (m,) float32 in rows.
        shapes: (m, 10) float32.
    """

    rows: Floats
    places: Floats
    shapes: Floats


class LipsNet(nn.Module):
    """Rows to shapes: one linear layer, three convolutions over time, one linear layer."""

    def __init__(self, scale: Floats, parts: int = 10) -> None:
        super().__init__()
        self.register_buffer("scale", torch.from_numpy(scale))
        self.first = nn.Conv1d(ROW, WIDTH, 1)
        self.middle = nn.ModuleList(
            nn.Conv1d(WIDTH, WIDTH, TAPS, padding=TAPS // 2 * step, dilation=step)
            for step in DILATIONS
        )
        self.last = nn.Conv1d(WIDTH, parts, 1)
        self.drop = nn.Dropout1d(_DROPPED)

    def forward(self, rows: Tensor) -> Tensor:
        """(b, n, 10) of (b, n, 808)."""
        x = (rows * self.get_buffer("scale")).transpose(1, 2)  # (b, 808, n)
        x = self.drop(torch.relu(self.first(x)))  # (b, 96, n)
        for layer in self.middle:
            x = x + self.drop(torch.relu(layer(x)))
        made: Tensor = self.last(x)
        return made.transpose(1, 2)

    def layers(self) -> list[tuple[Floats, Floats]]:
        """(weights (out, in, taps), biases) as they are shipped: the scale is in the first."""
        scale = self.get_buffer("scale").numpy()
        every = [self.first, *self.middle, self.last]
        found = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in every]
        weight, bias = found[0]
        return [(weight * scale[None, :, None], bias), *found[1:]]


def learnt(lessons: Sequence[LipsLesson], slope: Floats, *, steps: int, seed: int = 0) -> LipsNet:
    """A network that was taught lessons.

    Args:
        lessons: Of any length.
        slope: (10,) how the opening of the lips grows with each number of a shape.
        steps: Of AdamW (Loshchilov and Hutter, 2019), its rate falling to nothing.
        seed: Of weights and order.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = LipsNet(_scale(lessons))
    weight = torch.from_numpy(1 / np.sqrt(1 + np.arange(lessons[0].shapes.shape[1])))
    opens = torch.from_numpy(slope / np.linalg.norm(slope))
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    net.train()
    for _ in range(steps):
        loss = torch.zeros(())
        for number in rng.choice(len(lessons), _BATCH):
            one = lessons[number]
            rows = one.rows[rng.integers(len(one.rows))]
            loss = loss + _error(net, rows, one, weight.float(), opens.float(), rng) / _BATCH
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        falling.step()
    return net.eval()


def _error(
    net: LipsNet,
    rows: Floats,
    one: LipsLesson,
    weight: Tensor,
    opens: Tensor,
    rng: np.random.Generator,
) -> Tensor:
    """What the network says amiss of one lesson, heard through another microphone each time."""
    jitter = rng.standard_normal(ROW).astype(np.float32) * _JITTER / net.get_buffer("scale").numpy()
    said = net(torch.from_numpy(rows + jitter)[None])[0]
    low = torch.from_numpy(np.minimum(one.places.astype(np.int64), len(rows) - 2))
    share = torch.from_numpy(one.places)[:, None] - low[:, None]
    missed = said[low] + share * (said[low + 1] - said[low]) - torch.from_numpy(one.shapes)
    faster = missed[1:] - missed[:-1]
    shape, change = (weight * missed**2).mean(), (weight * faster**2).mean()
    total: Tensor = shape + _FASTER * change + _OPEN * ((missed @ opens) ** 2).mean() / len(opens)
    return total


def _scale(lessons: Sequence[LipsLesson]) -> Floats:
    """(808,) brings each kind of features to a deviation of 1."""
    scale = np.empty(ROW, np.float32)
    for first, end in _KINDS:
        deviation = np.sqrt(np.mean([(one.rows[..., first:end] ** 2).mean() for one in lessons]))
        scale[first:end] = 1 / deviation
    return scale
