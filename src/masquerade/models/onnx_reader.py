"""What an ONNX file says of itself, read before a runtime sees it: nothing in it is run or trusted.

ONNX is Protocol Buffers (see `masquerade.models.onnx_file`); only the fields that matter here are
read, each within the bytes that are there. What a network of pictures does not need is refused:
data in other files, operators and functions of its own, loops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import GivenModelError

Dimension: TypeAlias = int | str | None
"""A size, the name of a size that is free, or None where the file says nothing."""

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5
_MOST_FIELDS: Final = 4_000_000
_MOST_DEPTH: Final = 6  # of graphs inside graphs
_TYPES: Final = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
    16: "bfloat16",
}  # fmt: skip
_WHOLE: Final = frozenset({"uint8", "int8", "uint16", "int16", "int32", "int64"})
_LOOPS: Final = frozenset({"Loop", "Scan"})
_OWN_DOMAINS: Final = frozenset({"", "ai.onnx"})


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output of a network.

    Attributes:
        name: In the file.
        dtype: As NumPy calls it, or ``unknown``.
        shape: None where the file does not say.
    """

    name: str
    dtype: str
    shape: tuple[Dimension, ...] | None

    @property
    def words(self) -> str:
        """It in words, such as ``'target' float32 (N, 3, 128, 128)``."""
        if self.shape is None:
            return f"{self.name!r} {self.dtype} of any shape"
        sizes = ", ".join("?" if size is None else str(size) for size in self.shape)
        return f"{self.name!r} {self.dtype} ({sizes})"


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed tensor of a network; `content` is its bytes, little-endian, unless it is empty."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    content: memoryview

    def array(self) -> NDArray[np.float32]:
        """Its values as float32.

        Raises:
            GivenModelError: They are no floats, or fewer or more than its shape says.
        """
        if self.dtype not in ("float32", "float16", "float64"):
            raise GivenModelError(f"the tensor {self.name!r} is {self.dtype}", "float32")
        return self._stored().astype(np.float32)

    def whole(self) -> NDArray[np.int64]:
        """Its values as int64.

        Raises:
            GivenModelError: They are no whole numbers, or fewer or more than its shape says.
        """
        if self.dtype not in _WHOLE:
            raise GivenModelError(f"the tensor {self.name!r} is {self.dtype}", "whole numbers")
        return self._stored().astype(np.int64)

    def _stored(self) -> NDArray[Any]:
        """Its values as they are stored."""
        kind = np.dtype(self.dtype).newbyteorder("<")
        if len(self.content) != math.prod(self.shape) * kind.itemsize:
            raise GivenModelError(
                f"the tensor {self.name!r} holds {len(self.content)} bytes",
                f"{math.prod(self.shape) * kind.itemsize}, for its shape {self.shape}",
                "export the network again",
            )
        return np.frombuffer(self.content, kind).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """What a file says: its inputs (constants left out), its outputs, its constants by name.

    `steps` names, for each constant that is stored in whole numbers, the constants that hold the
    size of a step and the number that means zero.
    """

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    constants: dict[str, Constant]
    operators: frozenset[str]
    steps: dict[str, tuple[str, str]] = field(default_factory=dict)

    def dequantised(self, name: str) -> NDArray[np.float32]:
        """A constant that is stored in whole numbers, as the real numbers that they stand for.

        Steps of their own for each slice lie along the first axis.

        Raises:
            GivenModelError: There is none of that name, or the file does not say what a step is.
        """
        step, zero = self.steps.get(name, ("", ""))
        if name not in self.constants or step not in self.constants or zero not in self.constants:
            raise GivenModelError(
                f"no constant {name!r} with its step and zero is in the file",
                "a network in whole numbers, with steps that are constants",
            )
        whole = self.constants[name].whole()
        along = (-1,) + (1,) * (whole.ndim - 1)
        size = self.constants[step].array().reshape(along)
        nought = self.constants[zero].whole().reshape(along)
        return np.asarray((whole - nought) * size, np.float32).reshape(whole.shape)


@dataclass(slots=True)
class _Seen:
    """What was met so far in all graphs of a file."""

    fields: int = 0
    operators: set[str] = field(default_factory=set)
    steps: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_onnx(data: bytes, *, name: str) -> OnnxFile:
    """What an ONNX file says of itself.

    Args:
        data: The file's bytes.
        name: What messages call it.

    Raises:
        GivenModelError: It is no ONNX file, or holds what is refused: data in other files,
            operators or functions that are not ONNX's own, loops.

    Example:
        >>> from masquerade.models.onnx_file import Node, onnx_bytes
        >>> twice = [Node("Add", ("x", "x"), "y")]
        >>> file = onnx_bytes(twice, {}, source=("x", (3,)), result=("y", (3,)))
        >>> read_onnx(file, name="twice").inputs[0].words
        "'x' float32 (N, 3)"
    """
    seen = _Seen()
    graphs: list[memoryview] = []
    try:
        for key, content in _fields(memoryview(data), seen):
            if key == 7:
                graphs.append(_message(content))
            elif key in (20, 25):
                raise _refused(name, "training steps" if key == 20 else "functions of its own")
        if len(graphs) != 1:
            raise _TornError(f"it holds {len(graphs)} graphs")
        return _graph(graphs[0], name, seen)
    except (_TornError, UnicodeDecodeError) as error:
        raise GivenModelError(
            f"{name} is no ONNX file that can be read ({error})",
            "one network, as exporters write it",
            "export or fetch it again",
        ) from error


class _TornError(Exception):
    """The bytes are no Protocol Buffers message of the kind expected."""


def _refused(name: str, what: str) -> GivenModelError:
    return GivenModelError(
        f"{name} holds {what}",
        "a plain network in one file, of ONNX's own operators",
        "export it again without",
    )


def _graph(content: memoryview, name: str, seen: _Seen) -> OnnxFile:
    inputs: list[Value] = []
    outputs: list[Value] = []
    constants: dict[str, Constant] = {}
    for key, part in _fields(content, seen):
        if key == 1:
            _check_node(_message(part), name, seen, 0)
        elif key == 5:
            constant = _constant(_message(part), name, seen)
            constants[constant.name] = constant
        elif key == 15:
            _check_sparse(_message(part), name, seen)
        elif key in (11, 12):
            (inputs if key == 11 else outputs).append(_value(_message(part), seen))
    fed = tuple(value for value in inputs if value.name not in constants)
    if not fed or not outputs:
        raise _TornError(f"{len(fed)} inputs, {len(outputs)} outputs")
    return OnnxFile(fed, tuple(outputs), constants, frozenset(seen.operators), seen.steps)


def _check_graph(content: memoryview, name: str, seen: _Seen, depth: int) -> None:
    """A graph inside a node: nothing in it is of interest but what is refused."""
    if depth > _MOST_DEPTH:
        raise _TornError(f"graphs within graphs, more than {_MOST_DEPTH} deep")
    for key, part in _fields(content, seen):
        if key == 1:
            _check_node(_message(part), name, seen, depth)
        elif key == 5:
            _constant(_message(part), name, seen)
        elif key == 15:
            _check_sparse(_message(part), name, seen)


def _check_node(content: memoryview, name: str, seen: _Seen, depth: int) -> None:
    operator, domain = "", ""
    inputs: list[str] = []
    for key, part in _fields(content, seen):
        if key == 1:
            inputs.append(_text(part))
        elif key == 4:
            operator = _text(part)
        elif key == 7:
            domain = _text(part)
        elif key == 5:
            _check_attribute(_message(part), name, seen, depth)
    if domain not in _OWN_DOMAINS:
        raise _refused(name, f"the operator {operator!r} of {domain!r}")
    if operator in _LOOPS:
        raise _refused(name, f"a loop ({operator})")
    seen.operators.add(operator)
    if operator == "DequantizeLinear" and len(inputs) == 3:
        seen.steps[inputs[0]] = (inputs[1], inputs[2])


def _check_attribute(content: memoryview, name: str, seen: _Seen, depth: int) -> None:
    for key, part in _fields(content, seen):
        if key in (5, 10):
            _constant(_message(part), name, seen)
        elif key in (6, 11):
            _check_graph(_message(part), name, seen, depth + 1)
        elif key in (22, 23):
            _check_sparse(_message(part), name, seen)


def _check_sparse(content: memoryview, name: str, seen: _Seen) -> None:
    for key, part in _fields(content, seen):
        if key in (1, 2):
            _constant(_message(part), name, seen)


def _constant(content: memoryview, name: str, seen: _Seen) -> Constant:
    called, kind, shape = "", 0, list[int]()
    stored = memoryview(b"")
    for key, part in _fields(content, seen):
        if key == 1:
            shape += _packed(part, seen)
        elif key == 2:
            kind = _number(part)
        elif key in (4, 9) and isinstance(part, memoryview):  # floats packed, or raw
            stored = part
        elif key == 8:
            called = _text(part)
        elif key == 13 or (key == 14 and part == 1):
            raise _refused(name, "data in other files")
    return Constant(called, _TYPES.get(kind, "unknown"), tuple(shape), stored)


def _value(content: memoryview, seen: _Seen) -> Value:
    called, dtype = "", "unknown"
    shape: tuple[Dimension, ...] | None = None
    for key, part in _fields(content, seen):
        if key == 1:
            called = _text(part)
        elif key == 2:
            for kind, tensor in _fields(_message(part), seen):
                if kind == 1:
                    dtype, shape = _tensor_type(_message(tensor), seen)
    return Value(called, dtype, shape)


def _tensor_type(content: memoryview, seen: _Seen) -> tuple[str, tuple[Dimension, ...] | None]:
    dtype = "unknown"
    shape: tuple[Dimension, ...] | None = None
    for key, part in _fields(content, seen):
        if key == 1:
            dtype = _TYPES.get(_number(part), "unknown")
        elif key == 2:
            axes = (axis for kind, axis in _fields(_message(part), seen) if kind == 1)
            shape = tuple(_dimension(_message(axis), seen) for axis in axes)
    return dtype, shape


def _dimension(content: memoryview, seen: _Seen) -> Dimension:
    for key, part in _fields(content, seen):
        if key == 1:
            size = _number(part)
            return size if 0 < size < 1 << 31 else None  # some exporters write -1 or 0 for any
        if key == 2:
            return _text(part) or None
    return None


def _fields(content: memoryview, seen: _Seen) -> Iterator[tuple[int, int | memoryview]]:
    """(number, value) of each field of a message; fixed-width values as bytes."""
    at = 0
    while at < len(content):
        seen.fields += 1
        if seen.fields > _MOST_FIELDS:
            raise _TornError(f"more than {_MOST_FIELDS} fields")
        key, at = _varint(content, at)
        wire = key & 7
        if wire == _VARINT:
            number, at = _varint(content, at)
            yield key >> 3, number
            continue
        if wire == _BYTES:
            size, at = _varint(content, at)
        elif wire in (_FIXED32, _FIXED64):
            size = 4 if wire == _FIXED32 else 8
        else:
            raise _TornError(f"wire type {wire}")
        if size > len(content) - at:
            raise _TornError("it ends too early")
        yield key >> 3, content[at : at + size]
        at += size


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= len(content):
            raise _TornError("it ends too early")
        byte = content[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise _TornError("a number of more than ten bytes")


def _packed(part: int | memoryview, seen: _Seen) -> list[int]:
    """One number, or several in a row as some writers store them."""
    if isinstance(part, int):
        return [part]
    numbers, at = [], 0
    while at < len(part):
        seen.fields += 1
        number, at = _varint(part, at)
        numbers.append(number)
    return numbers


def _message(part: int | memoryview) -> memoryview:
    if isinstance(part, int):
        raise _TornError("a number where a message should be")
    return part


def _number(part: int | memoryview) -> int:
    if isinstance(part, int):
        return part
    raise _TornError("a message where a number should be")


def _text(part: int | memoryview) -> str:
    return bytes(_message(part)).decode("utf-8")
