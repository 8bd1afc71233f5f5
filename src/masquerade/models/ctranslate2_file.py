"""Reads the tensors of a CTranslate2 model, as data.

A ``model.bin`` of version 6 is the name of its make and revisions, then each tensor: name, rank,
sizes, type and values, all little-endian. See ctranslate2/specs/model_spec.py of CTranslate2 4.
"""

from __future__ import annotations

import struct
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError

_VERSION: Final = 6
_TYPES: Final = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}


def read_variables(data: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a model by name, read-only, of the type they are stored in.

    Args:
        data: A ``model.bin``.

    Raises:
        ModelError: The bytes are no such file, or end too early.
    """
    try:
        return _variables(data)
    except (struct.error, ValueError, KeyError) as error:
        raise ModelError(
            f"the file is no CTranslate2 model ({error})",
            f"a model.bin of version {_VERSION}",
            "fetch it again with `masquerade models fetch`",
        ) from error


def _variables(data: bytes) -> dict[str, NDArray[Any]]:
    version, at = *struct.unpack_from("<I", data), 4
    if version != _VERSION:
        raise ValueError(f"version {version}")
    _, at = _text(data, at)
    _, count = struct.unpack_from("<II", data, at)
    at += 8
    found: dict[str, NDArray[Any]] = {}
    for _ in range(count):
        name, at = _text(data, at)
        rank = data[at]
        shape = struct.unpack_from(f"<{rank}I", data, at + 1)
        at += 1 + 4 * rank
        kind, size = struct.unpack_from("<BI", data, at)
        at += 5
        values = np.frombuffer(data, _TYPES[kind], prod(shape), at)
        if values.nbytes != size:
            raise ValueError(f"{name} has {size} bytes")
        found[name] = values.reshape(shape)
        at += size
    return found


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero byte, and where it ends."""
    (length,) = struct.unpack_from("<H", data, at)
    end = at + 2 + length
    return data[at + 2 : end].rstrip(b"\0").decode(), end
