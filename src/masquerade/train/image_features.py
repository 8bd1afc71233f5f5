"""How far two pictures are apart to a network that knows images, for the later phases of training.

EfficientNet-lite0, trained on ImageNet (Tan and Le, "EfficientNet", 2019, arXiv:1905.11946; lite:
no squeezing, plain rectifiers up to 6). Features of four scales are brought to length 1 and
compared, as Zhang et al. do, "The unreasonable effectiveness of deep features" (2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional

from masquerade.errors import ModelError
from masquerade.models.store import Progress, locate
from masquerade.train.losses import Truth
from masquerade.train.swap.network import Drawn

CARD: Final = "image_features"
_HALVING: Final = (1, 3, 5, 11)  # blocks that halve the picture
_TAKEN: Final = (0, 2, 4, 10)  # blocks whose results are compared; what follows is not computed
_MEAN, _STD = 127 / 255, 128 / 255
_TINY: Final = 1e-3  # the batch norms'


def stored(*, progress: Progress | None = None) -> dict[str, Tensor]:
    """The card's tensors by name, fetched on first use and read without running anything in them.

    Raises:
        ModelError: They cannot be had.
    """
    weights: dict[str, Tensor] = torch.load(
        locate(CARD, progress=progress), map_location="cpu", weights_only=True
    )
    return weights


class _Conv(NamedTuple):
    """A convolution with the batch norm behind it folded in."""

    weight: Tensor
    bias: Tensor
    groups: int
    halves: bool

    def __call__(self, x: Tensor) -> Tensor:
        reach = self.weight.shape[-1]
        # As TensorFlow pads: where the size is halved, one less before than behind.
        before = (reach - 2) // 2 if self.halves else reach // 2
        behind = reach - 2 - before if self.halves else reach // 2
        padded = functional.pad(x, (before, behind, before, behind))
        stride = 2 if self.halves else 1
        return functional.conv2d(padded, self.weight, self.bias, stride, groups=self.groups)


class ImageFeatures:
    """The network, as far as its features are taken.

    Args:
        weights: Its tensors by name.
        device: Where it computes.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device) -> None:
        taken = {name: one.to(device) for name, one in weights.items()}
        try:
            self._stem = _folded(taken, "_conv_stem", "_bn0", halves=True)
            self._blocks = [_block(taken, number) for number in range(_TAKEN[-1] + 1)]
        except KeyError as error:
            raise ModelError(f"the weights {CARD} lack {error}", "EfficientNet-lite0") from error

    @classmethod
    def open(cls, device: torch.device, *, progress: Progress | None = None) -> Self:
        """The network with its weights, fetched on first use.

        Raises:
            ModelError: They cannot be had.
        """
        return cls(stored(progress=progress), device)

    def apart(self, drawn: Drawn, truth: Truth) -> Tensor:
        """How far a drawn face is from the real one, within its mask, one number.

        Args:
            drawn: (B, 3, S, S) and mask.
            truth: What it was to be.
        """
        mine, real = drawn.pixels * truth.mask, truth.pixels * truth.mask
        with torch.no_grad():
            wanted = self._features(real)
        parts = [
            (_unit(one) - _unit(other)).square().sum(dim=1).mean()
            for one, other in zip(self._features(mine), wanted, strict=True)
        ]
        return torch.stack(parts).mean()

    def _features(self, pictures: Tensor) -> list[Tensor]:
        x = _bent(self._stem((pictures - _MEAN) / _STD))
        found = []
        for number, convs in enumerate(self._blocks):
            y = x
            for conv in convs[:-1]:
                y = _bent(conv(y))
            y = convs[-1](y)
            x = x + y if x.shape == y.shape else y
            if number in _TAKEN:
                found.append(x)
        return found


def _block(weights: Mapping[str, Tensor], number: int) -> list[_Conv]:
    """Widen, look around, narrow; the first block of all does not widen."""
    name, halves = f"_blocks.{number}.", number in _HALVING
    convs = []
    if f"{name}_expand_conv.weight" in weights:
        convs.append(_folded(weights, f"{name}_expand_conv", f"{name}_bn0"))
    convs.append(_folded(weights, f"{name}_depthwise_conv", f"{name}_bn1", halves=halves))
    convs.append(_folded(weights, f"{name}_project_conv", f"{name}_bn2"))
    return convs


def _folded(weights: Mapping[str, Tensor], conv: str, norm: str, *, halves: bool = False) -> _Conv:
    kernel = weights[f"{conv}.weight"].float()
    spread = torch.sqrt(weights[f"{norm}.running_var"].float() + _TINY)
    factor = weights[f"{norm}.weight"].float() / spread
    bias = weights[f"{norm}.bias"].float() - weights[f"{norm}.running_mean"].float() * factor
    groups = len(kernel) if kernel.shape[1] == 1 and "depthwise" in conv else 1
    return _Conv(kernel * factor[:, None, None, None], bias, groups, halves)


def _bent(x: Tensor) -> Tensor:
    return functional.relu6(x)


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=1)
