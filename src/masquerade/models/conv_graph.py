"""A plain convolutional network as a graph of ONNX, built step by step from its weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.onnx_file import Node


class ConvGraph:
    """The graph so far; each method appends a part and gives the name of its result.

    Args:
        weights: By name, float32 or float16.
        slope: Of the leaky rectifiers below zero.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.floating]], slope: float) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        self._weights, self._slope = weights, slope

    def step(
        self,
        operator: str,
        *inputs: str,
        lists: dict[str, tuple[int, ...]] | None = None,
        values: dict[str, int | float | str] | None = None,
    ) -> str:
        """One operation of ONNX, with its attributes."""
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, lists or {}, values or {}))
        return output

    def conv(self, now: str, name: str, *, stride: int = 1) -> str:
        """A convolution that keeps the size, or makes it so many times smaller."""
        weight, bias = self.layer(name)
        reach = self.constants[weight].shape[-1]
        lists = {
            "kernel_shape": (reach, reach),
            "strides": (stride, stride),
            "pads": (reach // 2,) * 4,
        }
        return self.step("Conv", now, weight, bias, lists=lists)

    def dense(self, now: str, name: str) -> str:
        """A matrix and a bias."""
        return self.step("Gemm", now, *self.layer(name), values={"transB": 1})

    def shuffled(self, now: str, block: int = 2) -> str:
        """So many times the size, out of channels."""
        return self.step("DepthToSpace", now, values={"blocksize": block, "mode": "CRD"})

    def bent(self, now: str) -> str:
        """A leaky rectifier."""
        return self.step("LeakyRelu", now, values={"alpha": self._slope})

    def residual(self, now: str, name: str) -> str:
        """Two convolutions added to what goes into them."""
        inner = self.bent(self.conv(now, f"{name}.first"))
        return self.bent(self.step("Add", now, self.conv(inner, f"{name}.second")))

    def layer(self, name: str) -> tuple[str, str]:
        """Names of a layer's weight and bias, which are constants from now on."""
        parts = f"{name}.weight", f"{name}.bias"
        for part in parts:
            self.constants[part] = np.asarray(self._weights[part], np.float32)
        return parts

    def constant(self, name: str, value: float) -> str:
        """One number."""
        self.constants[name] = np.array([value], np.float32)
        return name


def check_tensors(
    weights: Mapping[str, NDArray[np.floating]], wanted: Mapping[str, tuple[int, ...]]
) -> None:
    """Passes when every tensor of a network is there, and of its shape.

    Args:
        weights: By name.
        wanted: Shapes by name.

    Raises:
        ModelError: One is missing, or of another shape.
    """
    for name, size in wanted.items():
        if name not in weights or weights[name].shape != size:
            held = weights[name].shape if name in weights else "nothing"
            raise ModelError(
                f"the model's {name} is {held}",
                f"{size}, as its sizes say",
                "use the file as it was trained",
            )
