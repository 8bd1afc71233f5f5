"""The swap network: one encoder and one decoder for two people, told apart by what lies between.

::

    source  -> encoder -> inter_ab, inter_ab -> decoder -> source,  mask
    target  -> encoder -> inter_b,  inter_ab -> decoder -> target,  mask
    target  -> encoder -> inter_ab, inter_ab -> decoder -> source's face, target's expression

``inter_ab`` learns what the two have in common, ``inter_b`` what is the target's alone; a decoder
that is given the shared part twice draws the source. The layout is DeepFaceLab's LIAE (Perov et
al., "DeepFaceLab: Integrated, flexible and extensible face-swapping framework", 2020,
arXiv:2005.05535), written anew, with fewer layers at full size.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.models.trained.swap_shape import SLOPE, TINY, SwapShape
from masquerade.train.residual import Residual
from masquerade.train.small_map import SmallMapConv

__all__ = ["Drawn", "SwapNetwork"]


class Drawn(NamedTuple):
    """What the decoder draws.

    Attributes:
        pixels: (B, 3, D, D) in [0, 1], D the shape's `drawn`.
        mask: (B, 1, D, D) in [0, 1].
    """

    pixels: Tensor
    mask: Tensor


class Upscale(nn.Module):
    """Twice the size: four times the channels, shuffled into pixels (Shi et al. 2016)."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4 * out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(functional.pixel_shuffle(self.conv(x), 2), SLOPE)


class Encoder(nn.Module):
    """A picture as numbers of mean square 1, whoever is in it."""

    def __init__(self, shape: SwapShape) -> None:
        super().__init__()
        widths = [3, *(shape.encoder << k for k in range(4))]
        self.convs = nn.ModuleList(
            nn.Conv2d(before, after, 5, stride=2, padding=2) for before, after in pairwise(widths)
        )

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:  # (B, 3, S, S) -> (B, 8e, S/16, S/16)
            x = functional.leaky_relu(conv(x), SLOPE)
        x = x.flatten(1)
        return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + TINY)


class Inter(nn.Module):
    """The narrow place: a face in `latent` numbers, and opened to a small map again."""

    def __init__(self, shape: SwapShape) -> None:
        super().__init__()
        self.width, self.coarse = 2 * shape.latent, shape.coarse
        self.narrow = nn.Linear(shape.encoded, shape.latent)
        self.widen = nn.Linear(shape.latent, self.width * self.coarse**2)
        self.upscale = Upscale(self.width, self.width)
        self.upscale.conv = SmallMapConv(self.width, 4 * self.width)

    def forward(self, code: Tensor) -> Tensor:
        x = self.widen(self.narrow(code))
        x = x.unflatten(1, (self.width, self.coarse, self.coarse))
        grown: Tensor = self.upscale(x)  # (B, 2l, S/8, S/8)
        return grown


class Decoder(nn.Module):
    """A picture and its mask out of two inter layers' maps."""

    def __init__(self, shape: SwapShape) -> None:
        super().__init__()
        d, m, self.block = shape.decoder, shape.mask, 2 * shape.finer
        self.pixels = nn.Sequential(
            Upscale(4 * shape.latent, 4 * d),  # (B, 4d, S/4, S/4)
            Residual(4 * d, SLOPE),
            Upscale(4 * d, 2 * d),  # (B, 2d, S/2, S/2)
            Residual(2 * d, SLOPE),
            nn.Conv2d(2 * d, 3 * self.block**2, 3, padding=1),
        )
        self.mask = nn.Sequential(
            Upscale(4 * shape.latent, 2 * m),
            Upscale(2 * m, m),
            nn.Conv2d(m, self.block**2, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Drawn:
        pixels = functional.pixel_shuffle(self.pixels(x), self.block)
        mask = functional.pixel_shuffle(self.mask(x), self.block)
        return Drawn(torch.sigmoid(pixels.float()), torch.sigmoid(mask.float()))


class SwapNetwork(nn.Module):
    """The whole network; see the module's head.

    Args:
        shape: Its sizes.
    """

    def __init__(self, shape: SwapShape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.inter_ab = Inter(shape)
        self.inter_b = Inter(shape)
        self.decoder = Decoder(shape)

    def forward(self, source: Tensor, target: Tensor) -> tuple[Drawn, Drawn]:
        """Both people drawn again, each by their own way through the network.

        Args:
            source: (B, 3, side, side) in [0, 1].
            target: (B, 3, side, side), as many.
        """
        codes = self.encoder(torch.cat([source, target]))
        shared = self.inter_ab(codes)
        own = self.inter_b(codes[len(source) :])
        first = torch.cat([shared[: len(source)], own])
        drawn = self.decoder(torch.cat([first, shared], dim=1))
        halves = [part.split(len(source)) for part in drawn]
        return Drawn(halves[0][0], halves[1][0]), Drawn(halves[0][1], halves[1][1])

    def swapped(self, target: Tensor) -> Drawn:
        """The source's face with the target's expression.

        Args:
            target: (B, 3, side, side) in [0, 1].
        """
        shared = self.inter_ab(self.encoder(target))
        drawn: Drawn = self.decoder(torch.cat([shared, shared], dim=1))
        return drawn
