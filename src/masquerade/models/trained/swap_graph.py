"""Turns the weights of a trained swap network into an ONNX graph that gives the same pictures.

Only what a swap needs is in it: the encoder, the shared inter layer, whose map is given twice, and
the decoder. `masquerade.train.swap.network` is the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.conv_graph import ConvGraph, check_tensors
from masquerade.models.onnx_file import onnx_bytes
from masquerade.models.trained.swap_shape import SLOPE, TINY, SwapShape

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
    check_tensors(weights, tensor_shapes(shape))
    graph = _Graph(weights, SLOPE)
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


class _Graph(ConvGraph):
    """The parts of a swap network."""

    def encoder(self, now: str) -> str:
        for k in range(4):
            now = self.bent(self.conv(now, f"encoder.convs.{k}", stride=2))
        flat = self.step("Flatten", now)
        square = self.step("Mul", flat, flat)
        mean = self.step("ReduceMean", square, lists={"axes": (1,)})
        length = self.step("Sqrt", self.step("Add", mean, self.constant("tiny", TINY)))
        return self.step("Div", flat, length)

    def inter(self, code: str, shape: SwapShape) -> str:
        wide = self.dense(self.dense(code, "inter_ab.narrow"), "inter_ab.widen")
        size = np.array([-1, 2 * shape.latent, shape.coarse, shape.coarse], np.int64)
        self.constants["coarse"] = size
        return self._upscale(self.step("Reshape", wide, "coarse"), "inter_ab.upscale.conv")

    def pixels(self, now: str, shape: SwapShape) -> str:
        now = self.residual(self._upscale(now, "decoder.pixels.0.conv"), "decoder.pixels.1")
        now = self.residual(self._upscale(now, "decoder.pixels.2.conv"), "decoder.pixels.3")
        return self.shuffled(self.conv(now, "decoder.pixels.4"), 2 * shape.finer)

    def mask(self, now: str, shape: SwapShape) -> str:
        now = self._upscale(now, "decoder.mask.0.conv")
        now = self._upscale(now, "decoder.mask.1.conv")
        return self.shuffled(self.conv(now, "decoder.mask.2"), 2 * shape.finer)

    def _upscale(self, now: str, name: str) -> str:
        return self.bent(self.shuffled(self.conv(now, name)))
