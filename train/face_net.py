"""The network that tells manipulated faces from real ones, and its ONNX file.

EfficientNet-lite0 up to its last block, as ImageNet taught it, its batch norms folded in. Beside
the colours it sees what is left of them after three high-pass filters (Fridrich and Kodovsky, "Rich
models for steganalysis of digital images", 2012), cut off at a few levels: traces of blending are
small and the content of a picture is large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import Node, onnx_bytes

HALVING: Final = (1, 3, 5, 11)
BLOCKS: Final = 16
WIDE: Final = 320
CELLS: Final = SIDE // 32
_MEAN: Final = 127.0
_STD: Final = 128.0
_TINY: Final = 1e-3
_MOST_LEVELS: Final = 6.0
_DROPPED: Final = 0.2
# Second derivative along and across, and the square that SRM calls KB.
_FILTERS: Final = (
    ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 1, -2, 1, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, -2, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0)),
    ((-1, 2, -2, 2, -1), (2, -6, 8, -6, 2), (-2, 8, -12, 8, -2), (2, -6, 8, -6, 2),
     (-1, 2, -2, 2, -1)),
)  # fmt: skip
_SCALES: Final = (2.0, 2.0, 12.0)
_LUMA: Final = (0.299, 0.587, 0.114)


class FaceNet(nn.Module):
    """(N, 3, 192, 192) in 0 to 255 to (N, 1, 6, 6) log odds that each part was manipulated."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("residual", torch.from_numpy(residual_filters()), persistent=False)
        self.convs = nn.ModuleDict()
        for name, wide, before, reach, groups in layers():
            self.convs[name] = nn.Conv2d(before, wide, reach, groups=groups)
        self.last = nn.Conv2d(WIDE, 1, 1)

    @classmethod
    def begun(cls, weights: Mapping[str, Tensor]) -> Self:
        """The network as ImageNet taught it; the residuals' part and the last layer are new.

        Args:
            weights: Of the card ``image_features``, by name.
        """
        net = cls()
        with torch.no_grad():
            for name, conv in net.convs.items():
                weight, bias = _folded(weights, name)
                if name == "stem":
                    weight = torch.cat([weight, 0.3 * weight], dim=1)
                conv.weight.copy_(weight)
                conv.bias.copy_(bias)
            nn.init.normal_(net.last.weight, std=0.01)
            nn.init.zeros_(net.last.bias)
        return net

    def forward(self, pictures: Tensor) -> Tensor:
        """Log odds of each part; their mean is that of the face."""
        left = functional.conv2d(functional.pad(pictures, (2, 2, 2, 2)), self.residual)
        left = left.clamp(-_MOST_LEVELS, _MOST_LEVELS) / (_MOST_LEVELS / 2)
        colours = (pictures - _MEAN) / _STD
        now = self._through("stem", torch.cat([colours, left], dim=1), halves=True)  # (N, 32, 96²)
        for number in range(BLOCKS):
            inner, name = now, f"block{number}"
            if f"{name}_widen" in self.convs:
                inner = self._through(f"{name}_widen", inner)
            inner = self._through(f"{name}_look", inner, halves=number in HALVING)
            inner = self.convs[f"{name}_narrow"](inner)
            now = now + inner if now.shape == inner.shape else inner
        odds: Tensor = self.last(functional.dropout(now, _DROPPED, self.training))
        return odds

    def _through(self, name: str, now: Tensor, *, halves: bool = False) -> Tensor:
        conv = self.convs[name]
        before, behind = _room(conv.weight.shape[-1], halves)
        padding = before if before == behind else 0
        if before != behind:
            now = functional.pad(now, (before, behind, before, behind))
        made = functional.conv2d(
            now, conv.weight, conv.bias, 2 if halves else 1, padding, groups=conv.groups
        )
        return functional.relu6(made, inplace=True)


def layers() -> list[tuple[str, int, int, int, int]]:
    """(name, channels out, channels in, reach, groups) of every convolution."""
    found = [("stem", 32, 6, 3, 1)]
    now, number = 32, 0
    # (widening, channels out, how many, reach): Tan and Le, 2019, table 1
    for factor, wide, count, reach in (
        (1, 16, 1, 3), (6, 24, 2, 3), (6, 40, 2, 5), (6, 80, 3, 3), (6, 112, 3, 5),
        (6, 192, 4, 5), (6, 320, 1, 3),
    ):  # fmt: skip
        for _ in range(count):
            inner = now * factor
            if factor > 1:
                found.append((f"block{number}_widen", inner, now, 1, 1))
            found.append((f"block{number}_look", inner, inner, reach, inner))
            found.append((f"block{number}_narrow", wide, inner, 1, 1))
            now, number = wide, number + 1
    return found


def residual_filters() -> np.ndarray:
    """(3, 3, 5, 5) float32 high-pass filters of brightness."""
    kernels = np.array(_FILTERS, np.float32) / np.array(_SCALES, np.float32)[:, None, None]
    return kernels[:, None] * np.array(_LUMA, np.float32)[None, :, None, None]


def onnx_from(net: FaceNet) -> bytes:
    """Its ONNX file: (N, 3, 192, 192) in 0 to 255 to (N, 1, 6, 6)."""
    graph = _Graph(net)
    left = graph.conv("pictures", "residual", pads=(2, 2, 2, 2))
    left = graph.clipped(left, "low_left", -_MOST_LEVELS, "high_left", _MOST_LEVELS)
    left = graph.step("Div", left, graph.number("left_scale", _MOST_LEVELS / 2))
    colours = graph.step("Sub", "pictures", graph.number("mean", _MEAN))
    colours = graph.step("Div", colours, graph.number("std", _STD))
    joined = graph.step("Concat", colours, left, values={"axis": 1})
    now = graph.bent(graph.conv(joined, "stem", halves=True))
    shapes = {name: (wide, before) for name, wide, before, _, _ in layers()}
    for number in range(BLOCKS):
        inner, name = now, f"block{number}"
        if f"{name}_widen" in shapes:
            inner = graph.bent(graph.conv(inner, f"{name}_widen"))
        inner = graph.bent(graph.conv(inner, f"{name}_look", halves=number in HALVING))
        inner = graph.conv(inner, f"{name}_narrow")
        first = shapes.get(f"{name}_widen", shapes[f"{name}_look"])[1]
        same = number not in HALVING and shapes[f"{name}_narrow"][0] == first
        now = graph.step("Add", now, inner) if same else inner
    odds = graph.conv(now, "last")
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(odds, (1, CELLS, CELLS)),
    )


class _Graph:
    """The graph so far; each method appends a part and gives the name of its result."""

    def __init__(self, net: FaceNet) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, np.ndarray] = {"residual.w": residual_filters()}
        for name, conv in (*net.convs.items(), ("last", net.last)):
            self.constants[f"{name}.w"] = conv.weight.detach().cpu().numpy().astype(np.float32)
            self.constants[f"{name}.b"] = conv.bias.detach().cpu().numpy().astype(np.float32)

    def step(self, operator: str, *inputs: str, values: dict | None = None) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, {}, values or {}))
        return output

    def number(self, name: str, value: float) -> str:
        self.constants[name] = np.array(value, np.float32)
        return name

    def clipped(self, now: str, low: str, least: float, high: str, most: float) -> str:
        return self.step("Clip", now, self.number(low, least), self.number(high, most))

    def bent(self, now: str) -> str:
        return self.clipped(now, "none", 0.0, "six", 6.0)

    def conv(
        self,
        now: str,
        name: str,
        *,
        halves: bool = False,
        pads: tuple[int, ...] | None = None,
    ) -> str:
        weight = self.constants[f"{name}.w"]
        reach, inner = weight.shape[-1], weight.shape[1]
        before, behind = _room(reach, halves)
        groups = len(weight) if name.endswith("_look") else 1
        lists = {
            "kernel_shape": (reach, reach),
            "strides": (2, 2) if halves else (1, 1),
            "pads": pads or (before, before, behind, behind),
        }
        assert inner * groups >= 1
        given = (f"{name}.w", f"{name}.b") if f"{name}.b" in self.constants else (f"{name}.w",)
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node("Conv", (now, *given), output, lists, {"group": groups}))
        return output


def _room(reach: int, halves: bool) -> tuple[int, int]:
    """Zeros before and behind, as TensorFlow pads: one less before where the size is halved."""
    before = (reach - 2) // 2 if halves else reach // 2
    return before, reach - 2 - before if halves else reach // 2


def _folded(weights: Mapping[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    """Weights and biases of a convolution with the batch norm behind it."""
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
