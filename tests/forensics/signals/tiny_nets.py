"""Networks of one layer in place of trained ones, and what a signal asks for them."""

from types import ModuleType

import numpy as np
import pytest

from masquerade.models.onnx_file import Node, onnx_bytes
from masquerade.models.session import open_onnx


class TinySession:
    """ONNX Runtime over bytes, as a `Session`."""

    name, device = "tiny", "cpu"

    def __init__(self, data: bytes) -> None:
        self._session = open_onnx("tiny", data, device="cpu", threads=1)
        self.input_shapes = tuple(tuple(item.shape) for item in self._session.get_inputs())

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        return list(self._session.run(None, {"given": inputs[0]}))


def pooled(shape: tuple[int, ...], kernel: tuple[int, int], weight: float, bias: float) -> bytes:
    """A network that gives weight x mean + bias of each patch of its channels."""
    channels = shape[0]
    size = kernel[0] * kernel[1] * channels
    weights = np.full((1, channels, *kernel), weight / size, np.float32)
    node = Node("Conv", ("given", "w", "b"), "out", {"kernel_shape": kernel, "strides": kernel})
    out = (1, shape[1] // kernel[0], shape[2] // kernel[1])
    return onnx_bytes(
        [node],
        {"w": weights, "b": np.array([bias], np.float32)},
        source=("given", shape),
        result=("out", out),
    )


def installed(monkeypatch: pytest.MonkeyPatch, signal: ModuleType, data: bytes) -> TinySession:
    """Stands a tiny network in for the one that ships."""
    net = TinySession(data)
    monkeypatch.setattr(signal, "own_card", lambda _: object())
    monkeypatch.setattr(signal, "open_own", lambda _: net)
    return net
