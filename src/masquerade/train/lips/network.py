"""The network that draws one person's mouth: a small U-Net that corrects what was drawn before it.

It is given the mouth as it was drawn from the person's real frames, within the frame's own skin,
and is told the shapes of the mouth around that moment, by which the deepest layer's channels are
scaled and shifted (Perez et al., "FiLM", 2018). What it says is added to what it was given; a
network that was not trained changes nothing. The layout is that of Ronneberger et al., "U-Net"
(2015), at half the size by shuffled pixels (Shi et al., 2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.models.trained.lips_shape import SLOPE, TOLD, LipsShape


class LipsNetwork(nn.Module):
    """The network; `masquerade.models.trained.lips_graph` is the same as ONNX.

    Args:
        shape: Its sizes.
    """

    def __init__(self, shape: LipsShape) -> None:
        super().__init__()
        self.shape = shape
        fine, middle, coarse = shape.widths
        self.told = nn.Sequential(
            nn.Linear(TOLD, shape.code), nn.LeakyReLU(SLOPE), nn.Linear(shape.code, 2 * coarse)
        )
        self.first = _conv(12, fine)
        self.down = nn.ModuleList([_conv(fine, middle, 2), _conv(middle, coarse, 2)])
        self.deep = nn.ModuleList([_conv(coarse, coarse), _conv(coarse, coarse)])
        self.up = nn.ModuleList([_conv(coarse, 4 * middle), _conv(middle, 4 * fine)])
        self.join = nn.ModuleList([_conv(2 * middle, middle), _conv(2 * fine, fine)])
        self.last = _conv(fine, 12)
        for one in (self.last, self.told[2]):
            nn.init.zeros_(one.weight)  # type: ignore[arg-type]
            nn.init.zeros_(one.bias)  # type: ignore[arg-type]

    def forward(self, picture: Tensor, told: Tensor) -> Tensor:
        """(B, 3, S, S) the mouth as it is to be, about in [0, 1].

        Args:
            picture: (B, 3, S, S) in [0, 1], as it was drawn before.
            told: (B, 50) the shapes, one after the other.
        """
        gain, shift = self.told(told)[..., None, None].chunk(2, dim=1)
        fine = _bent(self.first(_halved(picture)))  # (B, w, S/2, S/2)
        middle = _bent(self.down[0](fine))  # (B, 2w, S/4, S/4)
        coarse = _bent(self.down[1](middle))  # (B, 3w, S/8, S/8)
        deep = _bent(self.deep[0](coarse * (1 + gain) + shift))
        now = _bent(coarse + self.deep[1](deep))
        for up, join, other in zip(self.up, self.join, (middle, fine), strict=True):
            wide = _bent(functional.pixel_shuffle(up(now), 2))
            now = _bent(join(torch.cat([wide, other], dim=1)))
        return picture + functional.pixel_shuffle(self.last(now), 2)


def _conv(channels: int, out: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(channels, out, 3, stride=stride, padding=1)


def _bent(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, SLOPE)


def _halved(picture: Tensor) -> Tensor:
    """(B, 12, S/2, S/2), the channels in ONNX's order: place within the block first."""
    shuffled = functional.pixel_unshuffle(picture, 2)
    count, channels, height, width = shuffled.shape
    blocks = shuffled.reshape(count, channels // 4, 4, height, width)
    return blocks.transpose(1, 2).flatten(1, 2)
