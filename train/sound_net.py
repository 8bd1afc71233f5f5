"""The network that tells copied speech from recorded speech, and its ONNX file."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from masquerade.forensics.canonical_sound import BANDS, FRAMES
from masquerade.models.onnx_file import Node, onnx_bytes

# (channels out, (kernel), (stride), (padding)); the last takes in all that is left of the bands
_LAYERS: Final = (
    (24, (5, 5), (2, 2), (2, 2)),
    (32, (3, 3), (2, 1), (1, 1)),
    (32, (3, 3), (1, 2), (1, 1)),
    (48, (3, 3), (2, 1), (1, 1)),
    (64, (3, 3), (1, 2), (1, 1)),
    (64, (3, 3), (1, 1), (1, 1)),
    (64, (BANDS // 8, 1), (1, 1), (0, 0)),
)
_DROPPED: Final = 0.3


class SoundNet(nn.Module):
    """(N, 1, BANDS, FRAMES) to (N, 1, 1, 16) log odds that each part of a window was copied."""

    def __init__(self) -> None:
        super().__init__()
        before = 1
        layers = []
        for wide, kernel, stride, padding in _LAYERS:
            conv = nn.Conv2d(before, wide, kernel, stride, padding, bias=False)
            layers.append(nn.Sequential(conv, nn.BatchNorm2d(wide), nn.ReLU()))
            before = wide
        self.layers = nn.ModuleList(layers)
        self.drop = nn.Dropout2d(_DROPPED)
        self.last = nn.Conv2d(before, 1, 1)

    def forward(self, windows: Tensor) -> Tensor:
        """Log odds along the window."""
        now = windows
        for layer in self.layers:
            now = layer(now)
        logits: Tensor = self.last(self.drop(now))
        return logits


def onnx_from(net: SoundNet) -> bytes:
    """Its ONNX file, batch norms folded into the convolutions before them."""
    nodes: list[Node] = []
    constants: dict[str, np.ndarray] = {}
    now = "windows"
    for number, (layer, said) in enumerate(zip(net.layers, _LAYERS, strict=True)):
        weight, bias = folded(layer[0], layer[1])
        constants[f"w{number}"], constants[f"b{number}"] = weight, bias
        _, kernel, stride, padding = said
        lists = {"kernel_shape": kernel, "strides": stride, "pads": (*padding, *padding)}
        nodes.append(Node("Conv", (now, f"w{number}", f"b{number}"), f"c{number}", lists))
        nodes.append(Node("Relu", (f"c{number}",), f"r{number}"))
        now = f"r{number}"
    constants["wl"] = net.last.weight.detach().numpy().astype(np.float32)
    constants["bl"] = net.last.bias.detach().numpy().astype(np.float32)  # type: ignore[union-attr]
    nodes.append(Node("Conv", (now, "wl", "bl"), "logits", {"kernel_shape": (1, 1)}))
    return onnx_bytes(
        nodes,
        constants,
        source=("windows", (1, BANDS, FRAMES)),
        result=("logits", (1, 1, FRAMES // 8)),
    )


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[np.ndarray, np.ndarray]:
    """(Weights, biases) of a convolution and the batch norm behind it as one."""
    with torch.no_grad():
        assert norm.running_var is not None
        assert norm.running_mean is not None
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = conv.weight * factor[:, None, None, None]
        bias = norm.bias - norm.running_mean * factor
    return weight.numpy().astype(np.float32), bias.numpy().astype(np.float32)
