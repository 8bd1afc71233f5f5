"""The critic: tells drawn faces from real ones, patch by patch and pixel by pixel.

A U-Net that judges twice, in its middle and at full size (Schönfeld et al., "A U-Net based
discriminator for generative adversarial networks", 2020, arXiv:2002.12655); how much one judgement
sees is an eighth of the picture, as in DeepFaceLab.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_WIDTH = 16
_WIDEST = 256
_SLOPE = 0.2
_PATCHES = 8  # of a picture's width


class Critic(nn.Module):
    """The network: gives two maps of judgements, positive for what it takes to be real.

    Args:
        side: Width of the pictures in pixels.
        channels: Of them.
    """

    def __init__(self, side: int, channels: int = 3) -> None:
        super().__init__()
        depth = max(2, math.ceil(math.log2(side / _PATCHES + 1)) - 1)
        widths = [min(_WIDTH << k, _WIDEST) for k in range(depth + 1)]
        self.enter = nn.Conv2d(channels, widths[0], 1)
        self.down = nn.ModuleList(
            nn.Conv2d(widths[k], widths[k + 1], 3, stride=2, padding=1) for k in range(depth)
        )
        self.middle = nn.Conv2d(widths[-1], 1, 1)
        self.up = nn.ModuleList(
            nn.Conv2d(widths[k + 1] * (1 + (k + 1 < depth)), 4 * widths[k], 3, padding=1)
            for k in reversed(range(depth))
        )
        self.end = nn.Conv2d(2 * widths[0], 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, S / 2^depth, S / 2^depth) and (B, 1, S, S) of (B, C, S, S) in [0, 1]."""
        x = functional.leaky_relu(self.enter(x * 2 - 1), _SLOPE)
        known = [x]
        for conv in self.down:
            x = functional.leaky_relu(conv(x), _SLOPE)
            known.append(x)
        coarse = self.middle(known.pop())
        for conv in self.up:
            x = functional.leaky_relu(functional.pixel_shuffle(conv(x), 2), _SLOPE)
            x = torch.cat([x, known.pop()], dim=1)
        return coarse, self.end(x)


def judged(maps: tuple[Tensor, Tensor], *, real: bool) -> Tensor:
    """How far the judgements are from what they should be, one number.

    Args:
        maps: Of `Critic`.
        real: What they should say.
    """
    parts = [
        functional.binary_cross_entropy_with_logits(one.float(), torch.full_like(one, real).float())
        for one in maps
    ]
    return torch.stack(parts).mean()
