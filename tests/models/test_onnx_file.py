"""What is written is what ONNX Runtime reads."""

import numpy as np
import onnxruntime
import pytest

from masquerade.models.onnx_file import Node, _varint, onnx_bytes


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (1 << 32, "8080808010")],
)
def test_numbers_are_written_seven_bits_a_byte(value: int, written: str) -> None:
    assert _varint(value).hex() == written


def test_a_convolution_with_padding_gives_the_numbers_of_numpy(rng: np.random.Generator) -> None:
    weights = rng.random((2, 3, 3, 3), dtype=np.float32)
    nodes = [
        Node("Conv", ("x", "w"), "t", {"pads": (1, 1, 1, 1), "strides": (2, 2)}),
        Node("Pad", ("t", "p"), "y"),
    ]
    pads = np.asarray([0, 0, 0, 0, 0, 1, 0, 2], np.int64)
    data = onnx_bytes(
        nodes, {"w": weights, "p": pads}, source=("x", (3, 6, 6)), result=("y", (3, 3, 5))
    )
    picture = rng.random((2, 3, 6, 6), dtype=np.float32)

    (got,) = onnxruntime.InferenceSession(data).run(None, {"x": picture})

    padded = np.pad(picture, ((0, 0), (0, 0), (1, 1), (1, 1)))
    want = np.zeros((2, 3, 3, 5), np.float32)
    for y in range(3):
        for x in range(3):
            window = padded[:, :, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3]
            want[:, :2, y, x] = np.tensordot(window, weights, axes=([1, 2, 3], [1, 2, 3]))
    assert np.allclose(got, want, atol=1e-5)


def test_the_same_graph_gives_the_same_bytes(tiny_onnx: bytes) -> None:
    again = onnx_bytes(
        [Node("Mul", ("x", "two"), "y")],
        {"two": np.full((1,), 2, np.float32)},
        source=("x", (3, 2, 4)),
        result=("y", (3, 2, 4)),
    )
    assert again == tiny_onnx
