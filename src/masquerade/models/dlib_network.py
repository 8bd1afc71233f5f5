"""Turns dlib's face recognition network into an ONNX graph that gives the same numbers.

The network is a ResNet of 29 convolutions, each followed by an affine layer, which is folded into
it here. A residual block that halves its picture has a pooled shortcut; where block and shortcut
differ in size or channels, dlib fills up the smaller with zeros, and so does the graph.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.dlib_file import DlibLayer, read_layers
from masquerade.models.onnx_file import Node, onnx_bytes

_SIDE: Final = 150
_SIZE: Final = 128


def onnx_from_dlib(data: bytes) -> bytes:
    """The ONNX file of the network in a dlib ``.dat`` file: (N, 3, 150, 150) to (N, 128) float32.

    Args:
        data: ``dlib_face_recognition_resnet_model_v1.dat``.

    Returns:
        The file's bytes; its input is called ``chips``, in the range that the card says.

    Raises:
        ModelError: The bytes are not a network of that make.
    """
    graph = _Graph()
    previous = ""
    for layer in read_layers(data):
        graph.add(layer, previous)
        previous = layer.kind
    if graph.shape != (_SIZE,):
        raise ModelError(f"the dlib network gives {graph.shape}", f"({_SIZE},)")
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("chips", (3, _SIDE, _SIDE)),
        result=(graph.now, graph.shape),
    )


class _Graph:
    """The graph so far, its last tensor, and the input of the residual block being built."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        self.now = "chips"
        self.shape: tuple[int, ...] = (3, _SIDE, _SIDE)
        self._shortcut = self.now
        self._shortcut_shape: tuple[int, ...] = self.shape

    def add(self, layer: DlibLayer, previous: str) -> None:
        """Appends a layer; `previous` is the kind of the layer before it."""
        match layer.kind:
            case "con_4":
                self._convolve(layer)
            case "affine_":
                self._scale(layer)
            case "relu_":
                self._step("Relu", self.shape)
                if previous == "add_prev_":
                    self._mark_block()
            case "max_pool_2":
                height, width, *strides = layer.settings[:4]
                self._pool("MaxPool", (height, width), tuple(strides))
                self._mark_block()
            case "avg_pool_2" if layer.settings[0] == 0:
                self._step("GlobalAveragePool", (self.shape[0], 1, 1))
                self._step("Flatten", self.shape[:1])
            case "avg_pool_2":
                self._pool_shortcut(layer)
            case "add_prev_":
                self._add_shortcut()
            case "fc_2":
                self._multiply(layer)

    def _step(
        self, operator: str, shape: tuple[int, ...], *more: str, **lists: tuple[int, ...]
    ) -> None:
        """Appends an operation on the last tensor, which gives the new last tensor."""
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, (self.now, *more), output, lists))
        self.now, self.shape = output, shape

    def _constant(self, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _mark_block(self) -> None:
        self._shortcut, self._shortcut_shape = self.now, self.shape

    def _convolve(self, layer: DlibLayer) -> None:
        filters, height, width, stride_y, stride_x, pad_y, pad_x = layer.settings
        shape = (filters, self.shape[0], height, width)
        weights = self._constant(layer.parameters[:-filters].reshape(shape))
        biases = self._constant(layer.parameters[-filters:])
        after = (
            (self.shape[1] + 2 * pad_y - height) // stride_y + 1,
            (self.shape[2] + 2 * pad_x - width) // stride_x + 1,
        )
        self._step(
            *("Conv", (filters, *after), weights, biases),
            kernel_shape=(height, width),
            strides=(stride_y, stride_x),
            pads=(pad_y, pad_x, pad_y, pad_x),
        )

    def _scale(self, layer: DlibLayer) -> None:
        """Folds an affine layer into the convolution before it: g (W x + b) + h."""
        gamma, beta = layer.parameters.astype(np.float64).reshape(2, -1)
        _, weights, biases = self.nodes[-1].inputs
        scaled = self.constants[weights] * gamma[:, None, None, None]
        moved = self.constants[biases] * gamma + beta
        self.constants[weights] = scaled.astype(np.float32)
        self.constants[biases] = moved.astype(np.float32)

    def _pool(self, operator: str, window: tuple[int, int], strides: tuple[int, ...]) -> None:
        after = tuple(
            (size - side) // stride + 1
            for size, side, stride in zip(self.shape[1:], window, strides, strict=True)
        )
        shape = (self.shape[0], *after)
        self._step(operator, shape, kernel_shape=window, strides=strides)

    def _pool_shortcut(self, layer: DlibLayer) -> None:
        """Pools the block's input and leaves the block's own path where it was."""
        kept, kept_shape = self.now, self.shape
        self.now, self.shape = self._shortcut, self._shortcut_shape
        height, width, *strides = layer.settings[:4]
        self._pool("AveragePool", (height, width), tuple(strides))
        self._mark_block()
        self.now, self.shape = kept, kept_shape

    def _add_shortcut(self) -> None:
        shape = tuple(map(max, self.shape, self._shortcut_shape))
        kept, kept_shape = self.now, self.shape
        self.now, self.shape = self._shortcut, self._shortcut_shape
        self._fill_up(shape)
        filled = self.now
        self.now, self.shape = kept, kept_shape
        self._fill_up(shape)
        self._step("Add", shape, filled)

    def _fill_up(self, shape: tuple[int, ...]) -> None:
        """Adds zeros behind the last tensor's values, up to a shape."""
        missing = [want - have for want, have in zip(shape, self.shape, strict=True)]
        if any(missing):
            pads = np.asarray([0] * 5 + missing, np.int64)
            self._step("Pad", shape, self._constant(pads))

    def _multiply(self, layer: DlibLayer) -> None:
        outputs, inputs = layer.settings
        weights = self._constant(layer.parameters.reshape(inputs, outputs))
        self._step("MatMul", (outputs,), weights)
