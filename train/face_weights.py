"""Weights of EfficientNet-lite0 as its convolutions take them, the batch norms folded in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

_TINY: Final = 1e-3  # the batch norms'


def folded(weights: Mapping[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    """Weights and biases of a convolution with the batch norm behind it.

    Args:
        weights: Of the card ``image_features``, by name.
        name: As in `train.face_graph.layers`.
    """
    place, _, part = name.removeprefix("block").partition("_")
    if name == "stem":
        conv, norm = "_conv_stem", "_bn0"
    else:
        kind = {"widen": "_expand_conv", "look": "_depthwise_conv", "narrow": "_project_conv"}[part]
        number = {"widen": 0, "look": 1, "narrow": 2}[part]
        conv, norm = f"_blocks.{place}.{kind}", f"_blocks.{place}._bn{number}"
    spread = torch.sqrt(weights[f"{norm}.running_var"].float() + _TINY)
    factor = weights[f"{norm}.weight"].float() / spread
    bias = weights[f"{norm}.bias"].float() - weights[f"{norm}.running_mean"].float() * factor
    return weights[f"{conv}.weight"].float() * factor[:, None, None, None], bias
