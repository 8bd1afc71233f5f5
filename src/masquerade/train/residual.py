"""A residual block: two convolutions added to what goes into them."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Residual(nn.Module):
    """The block, which keeps size and channels.

    Args:
        channels: Of what goes in.
        slope: Of the leaky rectifiers below zero.
    """

    def __init__(self, channels: int, slope: float) -> None:
        super().__init__()
        self.slope = slope
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) of as much."""
        inner = functional.leaky_relu(self.first(x), self.slope)
        return functional.leaky_relu(x + self.second(inner), self.slope)
