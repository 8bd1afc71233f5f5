"""What training makes smaller: how far a drawn face is from the real one.

Weights and window sizes are DeepFaceLab's (Perov et al. 2020, arXiv:2005.05535): 10 for structure,
10 for squares within the mask; 120 for eyes and mouth, where theirs is 300, as on the magnified map
those cover more than twice as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor

from masquerade.train.swap.network import Drawn

STRUCTURE: Final = 10.0
SQUARES: Final = 10.0
FEATURES: Final = 120.0
MASK: Final = 10.0
_WINDOW: Final = 11.6  # pictures' widths for one window's
_TWO_FROM: Final = 256  # pixels; from here on a window of half the size counts too
_SIGMA: Final = 1.5
_C1, _C2 = 0.01**2, 0.03**2  # for values in [0, 1]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is to be drawn.

    Attributes:
        pixels: (B, 3, S, S) in [0, 1].
        mask: (B, 1, S, S) in [0, 1], 1 where the face shows.
        features: (B, 1, S, S) in [0, 1], 1 on eyes and mouth.
    """

    pixels: Tensor
    mask: Tensor
    features: Tensor


def drawing_loss(drawn: Drawn, truth: Truth) -> Tensor:
    """The loss of a batch, one number.

    Args:
        drawn: By the network.
        truth: What it was to draw.
    """
    side = drawn.pixels.shape[-1]
    mine, real = drawn.pixels * truth.mask, truth.pixels * truth.mask
    structure = torch.stack([dssim(mine, real, size) for size in windows(side)]).mean()
    squares = (mine - real).square().mean()
    features = ((mine - real).abs() * truth.features).mean()
    mask = (drawn.mask - truth.mask).square().mean()
    return STRUCTURE * structure + SQUARES * squares + FEATURES * features + MASK * mask


def windows(side: int) -> tuple[int, ...]:
    """Sizes in pixels of the windows in which structure is compared.

    Example:
        >>> windows(64), windows(256)
        ((5,), (22, 11))
    """
    first = max(3, int(side / _WINDOW))
    return (first, first // 2) if side >= _TWO_FROM else (first,)


def dssim(one: Tensor, other: Tensor, size: int) -> Tensor:
    """How little two batches of pictures are alike in structure, in [0, 1], one number.

    (1 - SSIM) / 2 of Wang et al., "Image quality assessment" (2004), in Gaussian windows without
    the pictures' edges.

    Args:
        one: (B, 3, S, S) in [0, 1].
        other: (B, 3, S, S).
        size: Of the window in pixels.
    """
    blur = _blur(one.shape[-1], size).to(one.device)
    both = torch.stack([one, other, one * one, other * other, one * other])
    # Two small matrices: a fraction of what a convolution with as large a window takes.
    mean_a, mean_b, square_a, square_b, cross = blur @ both @ blur.T
    product = mean_a * mean_b
    squares = mean_a.square() + mean_b.square()
    spread = square_a + square_b - squares
    ssim = (2 * product + _C1) * (2 * (cross - product) + _C2)
    ssim = ssim / ((squares + _C1) * (spread + _C2))
    apart: Tensor = (1 - ssim).mean() / 2
    return apart


@lru_cache(maxsize=8)
def _blur(side: int, size: int) -> Tensor:
    """(side - size + 1, side) each row a Gaussian window one pixel further on."""
    places = torch.arange(size) - (size - 1) / 2
    window = torch.exp(-places.square() / (2 * _SIGMA**2))
    rows = torch.zeros(side - size + 1, side)
    for k in range(len(rows)):
        rows[k, k : k + size] = window / window.sum()
    return rows
