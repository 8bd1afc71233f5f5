"""Turns the encoder of a Whisper model as CTranslate2 stores it into an ONNX graph.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022): two
convolutions, the second of stride two, then Transformer blocks that normalise first. The graph
gives what the second block says of each 20 ms, and what the last one does.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.ctranslate2_file import read_variables
from masquerade.models.onnx_file import Node, onnx_bytes

BANDS: Final = 80
WIDTH: Final = 384
_HEADS: Final = 6
_BLOCKS: Final = 4
_TAPPED: Final = 2  # block whose output is given beside the last
_EPSILON: Final = 1e-5


def onnx_from_whisper(data: bytes) -> bytes:
    """The ONNX file of the encoder in a CTranslate2 ``model.bin`` of Whisper tiny.

    Args:
        data: The file.

    Returns:
        The file's bytes: ``mel`` (N, 80, 2 T) to (N, T, 384) after block 2 and at the end, float32.

    Raises:
        ModelError: The bytes are no such model.
    """
    try:
        return _Encoder(read_variables(data)).bytes()
    except (KeyError, ValueError, IndexError) as error:
        raise ModelError(f"the model is no Whisper tiny: {error} is missing or odd") from error


class _Encoder:
    """The graph so far; `now` is its last tensor."""

    def __init__(self, variables: dict[str, NDArray[Any]]) -> None:
        self._variables = variables
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            "eps": np.full(1, _EPSILON, np.float32),
            "half": np.full(1, 0.5, np.float32),
            "one": np.ones(1, np.float32),
            "root": np.full(1, 1 / math.sqrt(2), np.float32),
            "scale": np.full(1, 1 / math.sqrt(WIDTH // _HEADS), np.float32),
            "split": np.array([0, 0, _HEADS, WIDTH // _HEADS], np.int64),
            "joined": np.array([0, 0, WIDTH], np.int64),
            "first": np.zeros(1, np.int64),
            "second": np.ones(1, np.int64),
            "third": np.full(1, 2, np.int64),
        }

    def bytes(self) -> bytes:
        """The file, with the outputs ``early`` and ``late``."""
        now = self._stem("mel")
        for index in range(_BLOCKS):
            now = self._attention(now, f"encoder/layer_{index}/self_attention")
            now = self._feed_forward(now, f"encoder/layer_{index}/ffn")
            if index + 1 == _TAPPED:
                self._add("Identity", now, to="early")
        self._add("Identity", self._norm(now, "encoder/layer_norm"), to="late")
        return onnx_bytes(
            self.nodes,
            self.constants,
            source=("mel", (BANDS, "frames")),
            result=("early", ("units", WIDTH)),
            also=[("late", ("units", WIDTH))],
        )

    def _stem(self, mel: str) -> str:
        now = self._conv(mel, "encoder/conv1", stride=1)
        now = self._conv(now, "encoder/conv2", stride=2)
        now = self._transposed(now, (0, 2, 1))  # (N, T, 384)
        shape = self._add("Shape", now)
        length = self._add("Slice", shape, "second", "third", "first")
        place = self._weight("encoder/position_encodings/encodings")
        return self._add("Add", now, self._add("Slice", place, "first", length, "first"))

    def _conv(self, now: str, name: str, *, stride: int) -> str:
        inputs = (now, self._weight(f"{name}/weight"), self._weight(f"{name}/bias"))
        lists = {"kernel_shape": (3,), "pads": (1, 1), "strides": (stride,)}
        out = f"t{len(self.nodes)}"
        self.nodes.append(Node("Conv", inputs, out, lists=lists))
        return self._gelu(out)

    def _attention(self, now: str, name: str) -> str:
        normal = self._norm(now, f"{name}/layer_norm")
        query, key, value = (self._heads(normal, name, part) for part in range(3))
        query = self._add("Mul", self._transposed(query, (0, 2, 1, 3)), "scale")
        scores = self._add("MatMul", query, self._transposed(key, (0, 2, 3, 1)))
        shares = f"t{len(self.nodes)}"
        self.nodes.append(Node("Softmax", (scores,), shares, values={"axis": 3}))
        mixed = self._add("MatMul", shares, self._transposed(value, (0, 2, 1, 3)))
        joined = self._add("Reshape", self._transposed(mixed, (0, 2, 1, 3)), "joined")
        return self._add("Add", now, self._linear(joined, f"{name}/linear_1"))

    def _heads(self, now: str, name: str, part: int) -> str:
        """(N, T, 6, 64): queries, keys or values, which are stored as one matrix."""
        rows = slice(part * WIDTH, (part + 1) * WIDTH)
        return self._add("Reshape", self._linear(now, f"{name}/linear_0", rows), "split")

    def _feed_forward(self, now: str, name: str) -> str:
        normal = self._norm(now, f"{name}/layer_norm")
        wide = self._gelu(self._linear(normal, f"{name}/linear_0"))
        return self._add("Add", now, self._linear(wide, f"{name}/linear_1"))

    def _linear(self, now: str, name: str, rows: slice = slice(None)) -> str:
        weight = f"{name}/weight:{rows.start}"
        self.constants[weight] = self._stored(f"{name}/weight")[rows].T.copy()
        bias = f"{name}/bias:{rows.start}"
        self.constants[bias] = self._stored(f"{name}/bias")[rows].copy()
        return self._add("Add", self._add("MatMul", now, weight), bias)

    def _norm(self, now: str, name: str) -> str:
        centred = self._add("Sub", now, self._mean(now))
        spread = self._mean(self._add("Mul", centred, centred))
        deviation = self._add("Sqrt", self._add("Add", spread, "eps"))
        normal = self._add("Div", centred, deviation)
        scaled = self._add("Mul", normal, self._weight(f"{name}/gamma"))
        return self._add("Add", scaled, self._weight(f"{name}/beta"))

    def _gelu(self, now: str) -> str:
        error = self._add("Erf", self._add("Mul", now, "root"))
        return self._add("Mul", self._add("Mul", now, self._add("Add", error, "one")), "half")

    def _mean(self, now: str) -> str:
        out = f"t{len(self.nodes)}"
        self.nodes.append(
            Node("ReduceMean", (now,), out, lists={"axes": (2,)}, values={"keepdims": 1})
        )
        return out

    def _transposed(self, now: str, order: tuple[int, ...]) -> str:
        out = f"t{len(self.nodes)}"
        self.nodes.append(Node("Transpose", (now,), out, lists={"perm": order}))
        return out

    def _weight(self, name: str) -> str:
        self.constants[name] = self._stored(name)
        return name

    def _stored(self, name: str) -> NDArray[np.float32]:
        return self._variables[name].astype(np.float32)

    def _add(self, operator: str, *inputs: str, to: str = "") -> str:
        out = to or f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, out))
        return out
