"""Turns the weights of a trained mouth into an ONNX graph that draws the same pictures.

`masquerade.train.lips_network` is the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.lips_shape import SLOPE, TOLD, LipsShape
from masquerade.models.onnx_file import Node, onnx_bytes


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
    for name, size in tensor_shapes(shape).items():
        if name not in weights or weights[name].shape != size:
            held = weights[name].shape if name in weights else "nothing"
            raise ModelError(
                f"the model's {name} is {held}",
                f"{size}, as its sizes say",
                "use the file as it was trained",
            )
    graph = _Graph(weights)
    result = graph.whole("row", shape)
    row: tuple[int | str, ...] = (3 * shape.side**2 + TOLD,)
    pictures = (3, shape.side, shape.side)
    return onnx_bytes(graph.nodes, graph.constants, source=("row", row), result=(result, pictures))


class _Graph:
    """The graph so far; each method appends a part and gives the name of its result."""

    def __init__(self, weights: Mapping[str, NDArray[np.floating]]) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        self._weights = weights

    def whole(self, row: str, shape: LipsShape) -> str:
        picture, told = self._apart(row, shape)
        gain, shift = self._told(told, shape.widths[2])
        half = self._step("SpaceToDepth", picture, values={"blocksize": 2})
        fine = self._bent(self._conv(half, "first"))
        middle = self._bent(self._conv(fine, "down.0", stride=2))
        coarse = self._bent(self._conv(middle, "down.1", stride=2))
        turned = self._step("Add", self._step("Mul", coarse, gain), shift)
        deep = self._bent(self._conv(turned, "deep.0"))
        coarse = self._bent(self._step("Add", coarse, self._conv(deep, "deep.1")))
        for level, other in enumerate((middle, fine)):
            wide = self._bent(self._shuffled(self._conv(coarse, f"up.{level}")))
            both = self._step("Concat", wide, other, values={"axis": 1})
            coarse = self._bent(self._conv(both, f"join.{level}"))
        change = self._shuffled(self._conv(coarse, "last"))
        low, high = self._constant("low", [0.0]), self._constant("high", [1.0])
        return self._step("Min", self._step("Max", self._step("Add", picture, change), low), high)

    def _apart(self, row: str, shape: LipsShape) -> tuple[str, str]:
        size = 3 * shape.side**2
        parts = []
        for name, begin, end in (("picture", 0, size), ("told", size, size + TOLD)):
            for word, value in (("from", begin), ("to", end)):
                self.constants[f"{name}.{word}"] = np.array([value], np.int64)
            self.constants["axis"] = np.array([1], np.int64)
            parts.append(self._step("Slice", row, f"{name}.from", f"{name}.to", "axis"))
        self.constants["size"] = np.array([-1, 3, shape.side, shape.side], np.int64)
        return self._step("Reshape", parts[0], "size"), parts[1]

    def _told(self, told: str, channels: int) -> tuple[str, str]:
        code = self._bent(self._dense(told, "told.0"))
        both = self._dense(code, "told.2")
        self.constants["map"] = np.array([-1, 2 * channels, 1, 1], np.int64)
        both = self._step("Reshape", both, "map")
        found = []
        for name, begin, end in (("gain", 0, channels), ("shift", channels, 2 * channels)):
            self.constants[f"{name}.from"] = np.array([begin], np.int64)
            self.constants[f"{name}.to"] = np.array([end], np.int64)
            found.append(self._step("Slice", both, f"{name}.from", f"{name}.to", "axis"))
        return self._step("Add", found[0], self._constant("high", [1.0])), found[1]

    def _step(
        self,
        operator: str,
        *inputs: str,
        lists: dict[str, tuple[int, ...]] | None = None,
        values: dict[str, int | float | str] | None = None,
    ) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, lists or {}, values or {}))
        return output

    def _conv(self, now: str, name: str, *, stride: int = 1) -> str:
        lists = {"kernel_shape": (3, 3), "strides": (stride, stride), "pads": (1, 1, 1, 1)}
        return self._step("Conv", now, *self._layer(name), lists=lists)

    def _dense(self, now: str, name: str) -> str:
        return self._step("Gemm", now, *self._layer(name), values={"transB": 1})

    def _shuffled(self, now: str) -> str:
        return self._step("DepthToSpace", now, values={"blocksize": 2, "mode": "CRD"})

    def _bent(self, now: str) -> str:
        return self._step("LeakyRelu", now, values={"alpha": SLOPE})

    def _layer(self, name: str) -> tuple[str, str]:
        for part in (f"{name}.weight", f"{name}.bias"):
            self.constants[part] = np.asarray(self._weights[part], np.float32)
        return f"{name}.weight", f"{name}.bias"

    def _constant(self, name: str, values: list[float]) -> str:
        self.constants[name] = np.array(values, np.float32)
        return name
