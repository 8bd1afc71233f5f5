"""Reads the layers of a network out of dlib's serialisation, as data.

dlib writes a network from the outside in: the versions of all nested layers first, then the input
layer, then each layer's name, settings and parameters from the first to the last. An integer is a
byte that holds its length and sign, then its bytes, lowest first; a real number is a mantissa and
an exponent of two; a tensor's values are plain little-endian float32. See dlib/serialize.h,
dlib/float_details.h and dlib/dnn/{core,layers}.h of dlib 19 and 20.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError

_SIGN: Final = 0x80
_LENGTH: Final = 0x0F
_MAX_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class DlibLayer:
    """One layer that computes something.

    Attributes:
        kind: dlib's name for it and its version, such as ``con_4``.
        settings: Its whole-number settings, in dlib's order: for ``con_4`` the number of filters,
            window height and width, stride y and x, padding y and x; for a pooling layer the same
            without filters, window 0 meaning everything; for ``fc_2`` outputs and inputs.
        parameters: Its parameters as stored, flat float32: for ``con_4`` filters (out, in, h, w),
            then biases; for ``affine_`` gamma, then beta; for ``fc_2`` weights (in, out).
    """

    kind: str
    settings: tuple[int, ...]
    parameters: NDArray[np.float32]


def read_layers(data: bytes) -> list[DlibLayer]:
    """The layers of a network trained with ``loss_metric``, first to last.

    Args:
        data: A ``.dat`` file such as dlib's face recognition network.

    Raises:
        ModelError: The bytes are not such a network, end too soon, or hold an unknown layer.
    """
    stream = _Stream(data)
    stream.integer()
    if (loss := stream.text()) != "loss_metric_2":
        raise _format_error(f"a network trained with {loss!r}", "loss_metric_2")
    stream.skip_reals(2)
    while not stream.at_text("input_rgb_image_sized"):
        stream.integer()
    stream.text()
    stream.skip_reals(3)
    stream.integers(2)
    layers = [_layer(stream)]
    stream.integer()
    while not stream.at_end():
        layers.append(_layer(stream))
    return layers


def _layer(stream: _Stream) -> DlibLayer:
    """A layer, and what dlib keeps beside it: three flags and three tensors of its training."""
    layer = _details(stream)
    stream.take(3)
    for _ in range(3):
        stream.tensor()
    return layer


def _details(stream: _Stream) -> DlibLayer:
    kind = stream.text()
    nothing = np.zeros(0, np.float32)
    if kind in ("relu_", "add_prev_"):
        return DlibLayer(kind, (), nothing)
    if kind in ("max_pool_2", "avg_pool_2"):
        return DlibLayer(kind, stream.integers(6), nothing)
    if kind == "con_4":
        parameters = stream.tensor()
        settings = stream.integers(7)
        stream.skip_views()
        stream.skip_reals(4)
        return DlibLayer(kind, settings, parameters)
    if kind == "affine_":
        parameters = stream.tensor()
        stream.skip_views()
        return DlibLayer(kind, stream.integers(1), parameters)
    if kind == "fc_2":
        settings = stream.integers(2)
        parameters = stream.tensor()
        stream.skip_views()
        stream.integer()
        stream.skip_reals(4)
        return DlibLayer(kind, settings, parameters)
    raise _format_error(f"a layer of kind {kind!r}", "con_4, affine_, relu_, a pool, or fc_2")


class _Stream:
    """The bytes and how far they have been read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def at_end(self) -> bool:
        return self._at == len(self._data)

    def at_text(self, text: str) -> bool:
        """Whether the next value is this text."""
        written = bytes((1, len(text))) + text.encode("ascii")
        return self._data.startswith(written, self._at)

    def take(self, count: int) -> bytes:
        chunk = self._data[self._at : self._at + count]
        if count < 0 or len(chunk) != count:
            raise _format_error(f"{count} bytes wanted at {self._at}", f"{len(self._data)} in all")
        self._at += count
        return chunk

    def integer(self) -> int:
        head = self.take(1)[0]
        length = head & _LENGTH
        if not 1 <= length <= 8:
            raise _format_error(f"an integer of {length} bytes", "1 to 8")
        value = int.from_bytes(self.take(length), "little")
        return -value if head & _SIGN else value

    def integers(self, count: int) -> tuple[int, ...]:
        return tuple(self.integer() for _ in range(count))

    def skip_reals(self, count: int) -> None:
        """Passes real numbers, a mantissa and an exponent each: none is needed to run a network."""
        self.integers(2 * count)

    def text(self) -> str:
        length = self.integer()
        if not 0 <= length <= _MAX_NAME:
            raise _format_error(f"a name of {length} letters", f"at most {_MAX_NAME}")
        return self.take(length).decode("ascii", errors="replace")

    def tensor(self) -> NDArray[np.float32]:
        """The values of a tensor, flat."""
        if (version := self.integer()) != 2:
            raise _format_error(f"a tensor of version {version}", "version 2")
        return np.frombuffer(self.take(4 * prod(self.integers(4))), "<f4")

    def skip_views(self) -> None:
        """Passes two views into a layer's parameters: a version and four sizes each."""
        self.integers(10)


def _format_error(found: str, expected: str) -> ModelError:
    return ModelError(f"the dlib file holds {found}", expected, "use the file that the card names")
