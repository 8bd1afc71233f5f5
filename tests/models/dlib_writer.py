"""Writes networks in dlib's format: the tests' own half of `masquerade.models.dlib_file`."""

import math

import numpy as np


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def real(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return integer(int(mantissa * 2**24)) + integer(exponent - 24)


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def tensor(values: np.ndarray) -> bytes:
    sizes = b"".join(map(integer, (values.size, 1, 1, 1)))
    return integer(2) + sizes + values.astype("<f4").tobytes()


VIEWS = b"".join(map(integer, (1, 1, 1, 1, 1) * 2))
NOTHING = integer(2) + integer(0) * 4
TAIL = b"110" + NOTHING * 3


def layer(kind: str, *settings: int, values: np.ndarray | None = None) -> bytes:
    """One layer with what dlib keeps beside it."""
    written = b"".join(map(integer, settings))
    rates = b"".join(map(real, (1.0, 1.0, 1.0, 0.0)))
    if values is None:
        return text(kind) + written + TAIL
    if kind == "con_4":
        return text(kind) + tensor(values) + written + VIEWS + rates + TAIL
    if kind == "affine_":
        return text(kind) + tensor(values) + VIEWS + written + TAIL
    return text(kind) + written + tensor(values) + VIEWS + integer(0) + rates + TAIL


def network(*layers: bytes, side: int = 150, loss: str = "loss_metric_2") -> bytes:
    """A whole file; the innermost layer has one more number than the others."""
    head = integer(1) + text(loss) + real(0.04) + real(0.6) + integer(2) * (len(layers) - 1)
    mean = real(122.782) + real(117.001) + real(104.298)
    picture = integer(3) + text("input_rgb_image_sized") + mean + integer(side) * 2
    return head + picture + layers[0] + integer(1) + b"".join(layers[1:])
