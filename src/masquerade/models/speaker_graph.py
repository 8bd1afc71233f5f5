"""Turns the weights of Resemblyzer's voice encoder into an ONNX graph.

Wan et al., "Generalized End-to-End Loss for Speaker Verification" (2018): three LSTM layers over 40
mel bands, and a linear layer over the last hidden state. The stored file is PyTorch's of before
1.6: a pickle, which is never run here, and behind it the values. Its hash is pinned, so the place
of each tensor among the values is known.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.onnx_file import Node, onnx_bytes

BANDS: Final = 40
FRAMES: Final = 160
SIZE: Final = 256
_LAYERS: Final = 3
_HIDDEN: Final = 256
_GATES: Final = 4 * _HIDDEN
# First byte of each tensor in the file, little-endian float32.
_INPUT_WEIGHTS: Final = (269_883, 1_482_299, 3_579_451)
_STATE_WEIGHTS: Final = (433_723, 2_530_875, 4_628_027)
_INPUT_BIASES: Final = (5_676_603, 5_684_795, 5_692_987)
_STATE_BIASES: Final = (5_680_699, 5_688_891, 5_697_083)
_LINEAR_WEIGHT: Final = 7_731
_LINEAR_BIAS: Final = 6_699
_FILE_BYTES: Final = 17_090_379


def onnx_from_resemblyzer(data: bytes) -> bytes:
    """The ONNX file of the encoder in Resemblyzer's ``pretrained.pt``.

    Args:
        data: The file, its hash checked.

    Returns:
        The file's bytes: ``mel`` (N, 160, 40) to ``embedding`` (N, 256) of unit length, float32.

    Raises:
        ModelError: The bytes are not as long as that file.
    """
    if len(data) != _FILE_BYTES:
        raise ModelError(f"the file has {len(data)} bytes", f"{_FILE_BYTES} bytes")
    constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
        "direction": np.ones(1, np.int64),
        "last": np.full(1, FRAMES - 1, np.int64),
        "frame": np.zeros(1, np.int64),
        "linear": _tensor(data, _LINEAR_WEIGHT, SIZE, _HIDDEN),
        "bias": _tensor(data, _LINEAR_BIAS, SIZE),
    }
    nodes = [Node("Transpose", ("mel",), "x0", lists={"perm": (1, 0, 2)})]
    for layer in range(_LAYERS):
        constants |= _layer(data, layer)
        weights = tuple(f"{name}{layer}" for name in ("x", "w", "r", "b"))
        hidden = {"hidden_size": _HIDDEN}
        nodes.append(Node("LSTM", weights, f"y{layer}", values={**hidden}))
        nodes.append(Node("Squeeze", (f"y{layer}", "direction"), f"x{layer + 1}"))
    nodes += [
        Node("Gather", (f"x{_LAYERS}", "last"), "end", values={"axis": 0}),  # (1, N, 256)
        Node("Squeeze", ("end", "frame"), "state"),
        Node("Gemm", ("state", "linear", "bias"), "raw", values={"transB": 1}),
        Node("Relu", ("raw",), "positive"),
        Node("LpNormalization", ("positive",), "embedding", values={"axis": 1, "p": 2}),
    ]
    return onnx_bytes(
        nodes, constants, source=("mel", (FRAMES, BANDS)), result=("embedding", (SIZE,))
    )


def _layer(data: bytes, layer: int) -> dict[str, NDArray[np.float32]]:
    """Weights of one LSTM layer in the order that ONNX has them."""
    width = _HIDDEN if layer else BANDS
    biases = (_INPUT_BIASES[layer], _STATE_BIASES[layer])
    return {
        f"w{layer}": _gates(_tensor(data, _INPUT_WEIGHTS[layer], _GATES, width))[None],
        f"r{layer}": _gates(_tensor(data, _STATE_WEIGHTS[layer], _GATES, _HIDDEN))[None],
        f"b{layer}": np.concatenate([_gates(_tensor(data, at, _GATES)) for at in biases])[None],
    }


def _gates(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in ONNX's order (in, out, forget, cell) from PyTorch's (in, forget, cell, out)."""
    entry, forget, cell, out = np.split(values, 4)
    return np.concatenate([entry, out, forget, cell])


def _tensor(data: bytes, at: int, *shape: int) -> NDArray[np.float32]:
    count = int(np.prod(shape))
    return np.frombuffer(data, "<f4", count, at).reshape(shape).astype(np.float32)
