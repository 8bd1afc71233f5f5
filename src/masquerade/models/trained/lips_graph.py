"""Turns the weights of a trained mouth into an ONNX graph that draws the same pictures.

`masquerade.train.lips.network` is the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from masquerade.models.conv_graph import ConvGraph, check_tensors
from masquerade.models.onnx_file import onnx_bytes
from masquerade.models.trained.lips_shape import SLOPE, TOLD, LipsShape


def tensor_shapes(shape: LipsShape) -> dict[str, tuple[int, ...]]:
    """Every tensor of a network, by name."""
    fine, middle, coarse = shape.widths
    layers: dict[str, tuple[int, ...]] = {
        "told.0": (shape.code, TOLD),
        "told.2": (2 * coarse, shape.code),
        "first": (fine, 12, 3, 3),
        "down.0": (middle, fine, 3, 3),
        "down.1": (coarse, middle, 3, 3),
        "deep.0": (coarse, coarse, 3, 3),
        "deep.1": (coarse, coarse, 3, 3),
        "up.0": (4 * middle, coarse, 3, 3),
        "join.0": (middle, 2 * middle, 3, 3),
        "up.1": (4 * fine, middle, 3, 3),
        "join.1": (fine, 2 * fine, 3, 3),
        "last": (12, fine, 3, 3),
    }
    found: dict[str, tuple[int, ...]] = {}
    for name, size in layers.items():
        found[f"{name}.weight"], found[f"{name}.bias"] = size, size[:1]
    return found


def onnx_from_lips(shape: LipsShape, weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """The ONNX file of a mouth: (N, 3 * side**2 + 50) float32 to (N, 3, side, side) in [0, 1].

    One row of the input is the picture, then the shapes.

    Args:
        shape: Its sizes.
        weights: Its tensors by name, float32 or float16.

    Raises:
        ModelError: A tensor is missing, or of another shape.
    """
    check_tensors(weights, tensor_shapes(shape))
    graph = _Graph(weights, SLOPE)
    result = graph.whole("row", shape)
    row: tuple[int | str, ...] = (3 * shape.side**2 + TOLD,)
    pictures = (3, shape.side, shape.side)
    return onnx_bytes(graph.nodes, graph.constants, source=("row", row), result=(result, pictures))


class _Graph(ConvGraph):
    """The parts of a mouth's network."""

    def whole(self, row: str, shape: LipsShape) -> str:
        picture, told = self._apart(row, shape)
        gain, shift = self._told(told, shape.widths[2])
        half = self.step("SpaceToDepth", picture, values={"blocksize": 2})
        fine = self.bent(self.conv(half, "first"))
        middle = self.bent(self.conv(fine, "down.0", stride=2))
        coarse = self.bent(self.conv(middle, "down.1", stride=2))
        turned = self.step("Add", self.step("Mul", coarse, gain), shift)
        deep = self.bent(self.conv(turned, "deep.0"))
        coarse = self.bent(self.step("Add", coarse, self.conv(deep, "deep.1")))
        for level, other in enumerate((middle, fine)):
            wide = self.bent(self.shuffled(self.conv(coarse, f"up.{level}")))
            both = self.step("Concat", wide, other, values={"axis": 1})
            coarse = self.bent(self.conv(both, f"join.{level}"))
        change = self.shuffled(self.conv(coarse, "last"))
        low, high = self.constant("low", 0.0), self.constant("high", 1.0)
        return self.step("Min", self.step("Max", self.step("Add", picture, change), low), high)

    def _apart(self, row: str, shape: LipsShape) -> tuple[str, str]:
        size = 3 * shape.side**2
        parts = []
        for name, begin, end in (("picture", 0, size), ("told", size, size + TOLD)):
            for word, value in (("from", begin), ("to", end)):
                self.constants[f"{name}.{word}"] = np.array([value], np.int64)
            self.constants["axis"] = np.array([1], np.int64)
            parts.append(self.step("Slice", row, f"{name}.from", f"{name}.to", "axis"))
        self.constants["size"] = np.array([-1, 3, shape.side, shape.side], np.int64)
        return self.step("Reshape", parts[0], "size"), parts[1]

    def _told(self, told: str, channels: int) -> tuple[str, str]:
        code = self.bent(self.dense(told, "told.0"))
        both = self.dense(code, "told.2")
        self.constants["map"] = np.array([-1, 2 * channels, 1, 1], np.int64)
        both = self.step("Reshape", both, "map")
        found = []
        for name, begin, end in (("gain", 0, channels), ("shift", channels, 2 * channels)):
            self.constants[f"{name}.from"] = np.array([begin], np.int64)
            self.constants[f"{name}.to"] = np.array([end], np.int64)
            found.append(self.step("Slice", both, f"{name}.from", f"{name}.to", "axis"))
        return self.step("Add", found[0], self.constant("high", 1.0)), found[1]
