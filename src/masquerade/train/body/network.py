"""The renderer of a body: a small U-Net that says how a drawn puppet is to be moved and painted.

Ronneberger et al., "U-Net" (2015, arXiv:1505.04597), its first layer at half the size and its last
maps shuffled into pixels. Its heads begin at nothing, so that an untrained network leaves the
puppet as it is. What `masquerade.bodies.refine` does with the answer at full size, `rendered` does
at the network's own, with gradients.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.bodies.canvas import FACE
from masquerade.bodies.refine import FAR, LEAST
from masquerade.models.trained.body_shape import GIVEN, HEADS, SLOPE, BodyShape
from masquerade.train.residual import Residual

_PAINTS_LITTLE = -3.0  # of the sigmoid's argument, how much is painted in the beginning


class Rendered(NamedTuple):
    """A person as the network makes them.

    Attributes:
        pixels: (B, 3, S, S) in [0, 1], premultiplied.
        alpha: (B, 1, S, S) in [0, 1].
        painted: (B, 1, S, S) in [0, 1] how much of the colour is painted.
        moved: (B, 2, S, S) in [-1, 1] from how far pixels are taken.
    """

    pixels: Tensor
    alpha: Tensor
    painted: Tensor
    moved: Tensor

    @property
    def shown(self) -> Tensor:
        """(B, 4, S, S) colours and alpha."""
        return torch.cat([self.pixels, self.alpha], dim=1)


class BodyNetwork(nn.Module):
    """The network; see the module's head.

    Args:
        shape: Its sizes.
    """

    def __init__(self, shape: BodyShape) -> None:
        super().__init__()
        self.shape = shape
        wide = [shape.channels(level) for level in range(shape.depth + 1)]
        self.enter = nn.Conv2d(GIVEN, wide[0], 3, stride=2, padding=1)
        self.down = nn.ModuleList(
            nn.Conv2d(wide[k], wide[k + 1], 3, stride=2, padding=1) for k in range(shape.depth)
        )
        self.middle = Residual(wide[-1], SLOPE)
        self.up = nn.ModuleList(
            nn.Conv2d(wide[k + 1], 4 * wide[k], 3, padding=1) for k in range(shape.depth)
        )
        self.end = Residual(wide[0], SLOPE)
        self.heads = nn.ModuleDict(
            {
                name: nn.Conv2d(wide[0], 4 * count, 3, padding=1)
                for name, (count, _) in HEADS.items()
            }
        )
        for head in self.heads.values():
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        paint = self.heads["paint"]
        assert isinstance(paint, nn.Conv2d)
        assert paint.bias is not None
        nn.init.constant_(paint.bias[-4:], _PAINTS_LITTLE)

    def forward(self, given: Tensor) -> Tensor:
        """(B, 7, S, S) float32 of (B, 10, S, S) in [0, 1]."""
        known = [functional.leaky_relu(self.enter(given), SLOPE)]  # (B, w, S/2, S/2)
        for conv in self.down:
            known.append(functional.leaky_relu(conv(known[-1]), SLOPE))
        x = self.middle(known.pop())  # (B, w << depth, S / 2^(depth + 1), ...)
        for level in reversed(range(self.shape.depth)):
            wide = functional.pixel_shuffle(self.up[level](x), 2)
            x = functional.leaky_relu(wide + known.pop(), SLOPE)
        x = self.end(x)
        parts = []
        for name, (_, bound) in HEADS.items():
            part = functional.pixel_shuffle(self.heads[name](x), 2).float()
            parts.append(torch.tanh(part) if bound == "Tanh" else torch.sigmoid(part))
        return torch.cat(parts, dim=1)


def rendered(given: Tensor, said: Tensor) -> Rendered:
    """The puppet as the network makes it.

    Args:
        given: (B, 10, S, S) in [0, 1]; see `masquerade.bodies.canvas`.
        said: (B, 7, S, S) of the network.
    """
    free = 1 - given[:, FACE : FACE + 1]
    by = said[:, :2] * free
    row = torch.arange(given.shape[-1], device=given.device, dtype=torch.float32)
    row = (2 * row + 1) / given.shape[-1] - 1  # middles of pixels, from -1 to 1
    down, across = torch.meshgrid(row, row, indexing="ij")
    places = torch.stack([across, down], dim=-1)[None] + 2 * FAR * by.permute(0, 2, 3, 1)
    puppet = functional.grid_sample(given[:, :4], places, align_corners=False)
    alpha = puppet[:, 3:]
    colours = puppet[:, :3] / alpha.clamp(min=LEAST)
    share = said[:, 5:6] * free
    colours = colours + share * (said[:, 2:5] - colours)
    cover = (alpha + said[:, 6:7] * free).clamp(0, 1)
    return Rendered(colours.clamp(0, 1) * cover, cover, share, by)
