"""Writes small ONNX files: the few parts of the format that a plain convolutional network needs.

ONNX is Protocol Buffers; a message is a row of fields, each a number with a wire type, then the
value. The field numbers are those of onnx.proto3 (ONNX 1.12, IR version 8). Writing them here
keeps a package of 20 MB out of the installation, and the bytes are the same on every machine, so
that the file can be hashed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

_VARINT: Final = 0
_BYTES: Final = 2
_FLOAT32: Final = 1
_INT64: Final = 7
_FLOAT: Final = 5
_ATTRIBUTE_FLOAT: Final = 1
_ATTRIBUTE_INT: Final = 2
_ATTRIBUTE_STRING: Final = 3
_ATTRIBUTE_INTS: Final = 7
_IR_VERSION: Final = 8
_OPSET: Final = 13


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    Attributes:
        operator: ONNX's name for it, such as ``Conv``.
        inputs: Names of tensors.
        output: Name of the one tensor it gives.
        lists: Attributes that are lists of integers.
        values: Attributes that are one integer, real number or word.
    """

    operator: str
    inputs: tuple[str, ...]
    output: str
    lists: dict[str, tuple[int, ...]] = field(default_factory=dict)
    values: dict[str, int | float | str] = field(default_factory=dict)


def onnx_bytes(
    nodes: Sequence[Node],
    constants: dict[str, NDArray[np.float32] | NDArray[np.int64]],
    *,
    source: tuple[str, tuple[int | str, ...]],
    result: tuple[str, tuple[int | str, ...]],
    also: Sequence[tuple[str, tuple[int | str, ...]]] = (),
) -> bytes:
    """An ONNX file with one float32 input and float32 outputs, all of any batch size.

    Args:
        nodes: In the order of computation.
        constants: Weights and other fixed tensors, by name.
        source: Name of the input and its shape without the batch axis; a word stands for a size
            that may be any.
        result: Name of the output and its shape without the batch axis.
        also: Further outputs.

    Returns:
        The file's bytes; the same arguments give the same bytes.
    """
    graph = b"".join(
        [
            *(_message(1, _node(node)) for node in nodes),
            _message(2, b"network"),
            *(_message(5, _constant(name, value)) for name, value in constants.items()),
            _message(11, _value(*source)),
            *(_message(12, _value(*one)) for one in (result, *also)),
        ]
    )
    opset = _message(1, b"") + _number(2, _OPSET)
    return b"".join(
        [
            _number(1, _IR_VERSION),
            _message(2, b"masquerade"),
            _message(7, graph),
            _message(8, opset),
        ]
    )


def with_words(network: bytes, words: Mapping[str, str]) -> bytes:
    """The file with words of metadata, which programs that run it leave alone.

    Args:
        network: From `onnx_bytes`.
        words: By name.
    """
    entries = (
        _message(1, name.encode()) + _message(2, said.encode()) for name, said in words.items()
    )
    return network + b"".join(_message(14, entry) for entry in entries)


def _node(node: Node) -> bytes:
    return b"".join(
        [
            *(_message(1, name.encode()) for name in node.inputs),
            _message(2, node.output.encode()),
            _message(3, node.output.encode()),
            _message(4, node.operator.encode()),
            *(_message(5, _attribute(name, value)) for name, value in node.lists.items()),
            *(_message(5, _plain(name, value)) for name, value in node.values.items()),
        ]
    )


def _attribute(name: str, values: tuple[int, ...]) -> bytes:
    numbers = b"".join(_number(8, value) for value in values)
    return _message(1, name.encode()) + numbers + _number(20, _ATTRIBUTE_INTS)


def _plain(name: str, value: int | float | str) -> bytes:
    key = _message(1, name.encode())
    if isinstance(value, str):
        return key + _message(4, value.encode()) + _number(20, _ATTRIBUTE_STRING)
    if isinstance(value, int):
        return key + _number(3, value) + _number(20, _ATTRIBUTE_INT)
    real = _varint(2 << 3 | _FLOAT) + struct.pack("<f", value)
    return key + real + _number(20, _ATTRIBUTE_FLOAT)


def _constant(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind, stored = (_FLOAT32, "<f4") if value.dtype == np.float32 else (_INT64, "<i8")
    shape = b"".join(_number(1, size) for size in value.shape)
    data = np.ascontiguousarray(value, dtype=stored).tobytes()
    return shape + _number(2, kind) + _message(8, name.encode()) + _message(9, data)


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    sizes = b"".join(_message(1, _size(size)) for size in ("N", *shape))
    tensor = _number(1, _FLOAT32) + _message(2, sizes)
    return _message(1, name.encode()) + _message(2, _message(1, tensor))


def _size(size: int | str) -> bytes:
    return _message(2, size.encode()) if isinstance(size, str) else _number(1, size)


def _number(key: int, value: int) -> bytes:
    return _varint(key << 3 | _VARINT) + _varint(value)


def _message(key: int, content: bytes) -> bytes:
    return _varint(key << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first, the top bit set on all but the last."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
