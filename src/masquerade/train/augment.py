"""Pictures made different every time they are seen, a whole batch at once, on the device.

Position, size, turn, side and light change for what goes in and what is to come out alike; besides,
what goes in is bent, so that the network learns what a face is like and not to copy pixels. The
amounts are DeepFaceLab's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import torch
from torch import Tensor
from torch.nn import functional

from masquerade.train.losses import Truth

CHANNELS: Final = 5
"""Of a stored picture: red, green, blue, mask, and how much of it is eyes and mouth."""
_NODES: Final = 5  # of the grid that is bent, on a side
_BEND: Final = 0.24  # of a cell, standard deviation of a node's shift
_CELLS: Final = (0.5, 0.25, 0.125)  # sizes of a cell, as shares of the width, one drawn each time
_LIGHT: Final = 0.12  # most by which brightness and contrast change
_TINT: Final = 0.04  # of one colour against the others


@dataclass(frozen=True, slots=True)
class Amounts:
    """How far pictures are changed.

    Attributes:
        turn_deg: At most so many degrees.
        scale: At most so much larger or smaller, as a share.
        shift: At most so much to a side, as a share of the width.
        flip: How often mirrored.
    """

    turn_deg: float = 10.0
    scale: float = 0.15
    shift: float = 0.05
    flip: float = 0.4


ON_THE_MAP: Final = Amounts(turn_deg=2.0, scale=0.03, shift=0.02, flip=0.4)
"""For pictures on the map, where every feature has its place already."""


@dataclass(frozen=True, slots=True)
class Draws:
    """What chance decided for a batch: the same seed and place in the training give the same.

    Attributes:
        moves: (B, 2, 3) where each place of the new picture is looked up.
        bends: (B, 2, 5, 5) shifts of the grid's nodes.
        light: (B, 5, 1, 1) factors of the channels.
        contrast: (B, 1, 1, 1) factor of the colours about their middle.
    """

    moves: Tensor
    bends: Tensor
    light: Tensor
    contrast: Tensor

    @classmethod
    def of(cls, seeds: Sequence[int], amounts: Amounts) -> Self:
        """Draws for pictures, each from its own seed: a picture's do not hang on its batch.

        Args:
            seeds: One for each picture.
            amounts: How far they are changed.
        """
        rows = [_chances(seed) for seed in seeds]
        even = torch.stack([row[0] for row in rows])  # (B, 12) in [-1, 1]
        normal = torch.stack([row[1] for row in rows])  # (B, 2, 5, 5)
        cell = torch.tensor(_CELLS)[((even[:, 10] + 1) / 2 * len(_CELLS)).long().clamp(max=2)]
        # Places run from -1 to 1, so a width is 2.
        bends = normal * (_BEND * 2 * cell)[:, None, None, None]
        bends[:, :, [0, -1]] = 0
        bends[:, :, :, [0, -1]] = 0
        tint = 1 + _LIGHT * even[:, 4:5] + _TINT * even[:, 5:8]
        light = torch.cat([tint, torch.ones(len(rows), 2)], dim=1)[:, :, None, None]
        contrast = (1 + _LIGHT * even[:, 8])[:, None, None, None]
        return cls(_moves(even, amounts), bends, light, contrast)


def changed(pictures: Tensor, draws: Draws, *, bend: bool, finer: int = 1) -> tuple[Tensor, Truth]:
    """What goes into the network, (B, 3, S, S) in [0, 1], and what is to come out.

    Args:
        pictures: (B, 5, D, D) uint8.
        draws: What chance decided for them.
        bend: Whether what goes in is bent.
        finer: Pixels that come out, on a side, for each that goes in: D / S.
    """
    device, side = pictures.device, pictures.shape[-1]
    count = (len(pictures), CHANNELS, side, side)
    places = functional.affine_grid(draws.moves.to(device), list(count), align_corners=False)
    lit = pictures.float() * (draws.light / 255).to(device)
    truth = _looked_up(lit, places)
    middle = truth[:, :3].mean(dim=(1, 2, 3), keepdim=True)
    contrast = draws.contrast.to(device)
    colours = (middle + (truth[:, :3] - middle) * contrast).clamp(0, 1)
    wanted = Truth(colours, truth[:, 3:4], truth[:, 4:5])
    if not bend:
        return _coarser(colours, finer), wanted
    shifts = functional.interpolate(
        draws.bends.to(device), (side, side), mode="bicubic", align_corners=True
    )
    bent = _looked_up(lit[:, :3], places + shifts.permute(0, 2, 3, 1))
    return _coarser((middle + (bent - middle) * contrast).clamp(0, 1), finer), wanted


def plain(pictures: Tensor, *, finer: int = 1) -> tuple[Tensor, Truth]:
    """The pictures as they are, for previews and checks; the shapes of `changed`."""
    values = pictures.float() / 255
    return _coarser(values[:, :3], finer), Truth(values[:, :3], values[:, 3:4], values[:, 4:5])


def _coarser(values: Tensor, finer: int) -> Tensor:
    return functional.avg_pool2d(values, finer) if finer > 1 else values


def _looked_up(values: Tensor, places: Tensor) -> Tensor:
    return functional.grid_sample(values, places, padding_mode="border", align_corners=False)


def _chances(seed: int) -> tuple[Tensor, Tensor]:
    """(12,) numbers in [-1, 1] and (2, 5, 5) normal ones."""
    chance = torch.Generator().manual_seed(seed)
    even = torch.rand(12, generator=chance) * 2 - 1
    return even, torch.randn(2, _NODES, _NODES, generator=chance)


def _moves(even: Tensor, amounts: Amounts) -> Tensor:
    """(B, 2, 3) place in the old picture of each place of the new one."""
    angle = even[:, 0] * math.radians(amounts.turn_deg)
    scale = 1 + even[:, 1] * amounts.scale
    flip = torch.where((even[:, 9] + 1) / 2 < amounts.flip, -1.0, 1.0)
    cos, sin = scale * torch.cos(angle), scale * torch.sin(angle)
    shift = 2 * amounts.shift * even[:, 2:4]
    across = torch.stack([flip * cos, -flip * sin, shift[:, 0]], dim=1)
    down = torch.stack([sin, cos, shift[:, 1]], dim=1)
    return torch.stack([across, down], dim=1)
