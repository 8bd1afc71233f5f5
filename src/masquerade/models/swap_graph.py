"""Turns the weights of a trained swap network into an ONNX graph that gives the same pictures.

Only what a swap needs is in it: the encoder, the shared inter layer, whose map is given twice, and
the decoder. `masquerade.train.network` is the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.onnx_file import Node, onnx_bytes
from masquerade.models.swap_shape import SLOPE, TINY, SwapShape

CHANNELS: Final = 4
"""Of the result: red, green, blue, mask."""


def tensor_shapes(shape: SwapShape) -> dict[str, tuple[int, ...]]:
    """Every tensor of a swap network's file, by name."""
    found: dict[str, tuple[int, ...]] = {}

    def layer(name: str, *weight: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = weight, weight[:1]

    wide, d, m = 2 * shape.latent, shape.decoder, shape.mask
    block = (2 * shape.finer) ** 2
    for k in range(4):
        before = shape.encoder << k - 1 if k else 3
        layer(f"encoder.convs.{k}", shape.encoder << k, before, 5, 5)
    for inter in ("inter_ab", "inter_b"):
        layer(f"{inter}.narrow", shape.latent, shape.encoded)
        layer(f"{inter}.widen", wide * shape.coarse**2, shape.latent)
        layer(f"{inter}.upscale.conv", 4 * wide, wide, 3, 3)
    for name, before, after in (
        ("pixels.0.conv", 2 * wide, 16 * d),
        ("pixels.1.first", 4 * d, 4 * d),
        ("pixels.1.second", 4 * d, 4 * d),
        ("pixels.2.conv", 4 * d, 8 * d),
        ("pixels.3.first", 2 * d, 2 * d),
        ("pixels.3.second", 2 * d, 2 * d),
        ("pixels.4", 2 * d, 3 * block),
        ("mask.0.conv", 2 * wide, 8 * m),
        ("mask.1.conv", 2 * m, 4 * m),
        ("mask.2", m, block),
    ):
        layer(f"decoder.{name}", after, before, 3, 3)
    return found


def onnx_from_swap(shape: SwapShape, weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """The ONNX file of a trained network: (N, 3, S, S) to (N, 4, D, D) float32, in [0, 1].

    Args:
        shape: Its sizes.
        weights: Its tensors by name, float32 or float16.

    Raises:
        ModelError: A tensor is missing, or of another shape.
    """
    for name, size in tensor_shapes(shape).items():
        if name not in weights or weights[name].shape != size:
            held = weights[name].shape if name in weights else "nothing"
            raise ModelError(
                f"the model's {name} is {held}",
                f"{size}, as its sizes say",
                "use the file as it was trained",
            )
    graph = _Graph(weights)
    code = graph.encoder("pictures")
    shared = graph.inter(code, shape)
    both = graph.step("Concat", shared, shared, values={"axis": 1})
    drawn = graph.pixels(both, shape)
    mask = graph.mask(both, shape)
    joined = graph.step("Concat", drawn, mask, values={"axis": 1})
    result = graph.step("Sigmoid", joined)
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, shape.side, shape.side)),
        result=(result, (CHANNELS, shape.drawn, shape.drawn)),
    )


class _Graph:
    """The graph so far; each method appends a part and gives the name of its result."""

    def __init__(self, weights: Mapping[str, NDArray[np.floating]]) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        self._weights = weights

    def step(
        self,
        operator: str,
        *inputs: str,
        lists: dict[str, tuple[int, ...]] | None = None,
        values: dict[str, int | float | str] | None = None,
    ) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, lists or {}, values or {}))
        return output

    def encoder(self, now: str) -> str:
        for k in range(4):
            now = self._bent(self._conv(now, f"encoder.convs.{k}", stride=2))
        flat = self.step("Flatten", now)
        square = self.step("Mul", flat, flat)
        mean = self.step("ReduceMean", square, lists={"axes": (1,)})
        length = self.step("Sqrt", self.step("Add", mean, self._constant("tiny", TINY)))
        return self.step("Div", flat, length)

    def inter(self, code: str, shape: SwapShape) -> str:
        wide = self._dense(self._dense(code, "inter_ab.narrow"), "inter_ab.widen")
        size = np.array([-1, 2 * shape.latent, shape.coarse, shape.coarse], np.int64)
        self.constants["coarse"] = size
        return self._upscale(self.step("Reshape", wide, "coarse"), "inter_ab.upscale.conv")

    def pixels(self, now: str, shape: SwapShape) -> str:
        now = self._residual(self._upscale(now, "decoder.pixels.0.conv"), "decoder.pixels.1")
        now = self._residual(self._upscale(now, "decoder.pixels.2.conv"), "decoder.pixels.3")
        return self._shuffled(self._conv(now, "decoder.pixels.4"), 2 * shape.finer)

    def mask(self, now: str, shape: SwapShape) -> str:
        now = self._upscale(now, "decoder.mask.0.conv")
        now = self._upscale(now, "decoder.mask.1.conv")
        return self._shuffled(self._conv(now, "decoder.mask.2"), 2 * shape.finer)

    def _upscale(self, now: str, name: str) -> str:
        return self._bent(self._shuffled(self._conv(now, name)))

    def _residual(self, now: str, name: str) -> str:
        inner = self._bent(self._conv(now, f"{name}.first"))
        added = self.step("Add", now, self._conv(inner, f"{name}.second"))
        return self._bent(added)

    def _shuffled(self, now: str, block: int = 2) -> str:
        return self.step("DepthToSpace", now, values={"blocksize": block, "mode": "CRD"})

    def _bent(self, now: str) -> str:
        return self.step("LeakyRelu", now, values={"alpha": SLOPE})

    def _conv(self, now: str, name: str, *, stride: int = 1) -> str:
        weight, bias = self._layer(name)
        reach = self.constants[weight].shape[-1]
        lists = {
            "kernel_shape": (reach, reach),
            "strides": (stride, stride),
            "pads": (reach // 2,) * 4,
        }
        return self.step("Conv", now, weight, bias, lists=lists)

    def _dense(self, now: str, name: str) -> str:
        return self.step("Gemm", now, *self._layer(name), values={"transB": 1})

    def _layer(self, name: str) -> tuple[str, str]:
        for part in (f"{name}.weight", f"{name}.bias"):
            self.constants[part] = np.asarray(self._weights[part], np.float32)
        return f"{name}.weight", f"{name}.bias"

    def _constant(self, name: str, value: float) -> str:
        self.constants[name] = np.array([value], np.float32)
        return name
