"""Safetensors files, read with limits and written: arrays by name, and the words of the header.

The format: eight bytes of length, a header of JSON (each tensor's kind, shape and place, and
``__metadata__``), then the values. See https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import GivenModelError

_KINDS: Final = {"F32": "<f4", "F16": "<f2", "U8": "u1", "I8": "i1", "I64": "<i8"}
_MAX_HEADER: Final = 4_000_000
_MAX_BYTES: Final = 4_000_000_000
_ALIGNED: Final = 8


def read_tensors(
    path: Path, *, sha256: str | None = None
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays of a file, read-only, and the words of its header.

    Args:
        path: A safetensors file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        GivenModelError: It is none, is cut off or damaged, is another one, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise GivenModelError(f"{path} is no file", "a model as `masquerade train` wrote it")
        if path.stat().st_size > _MAX_BYTES:
            raise GivenModelError(f"{path.name} is larger than any model made here", "at most 4 GB")
        data = path.read_bytes()
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise GivenModelError(
                f"{path.name} was changed since it was checked",
                "the same file all through a job",
                "leave it alone while a job runs, and run it again",
            )
        return _parsed(data)
    except OSError as error:
        raise GivenModelError(f"the model cannot be read: {path} ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, struct.error, RecursionError) as error:
        raise GivenModelError(
            f"{path.name} is no safetensors file, or is damaged",
            "a model as `masquerade train` wrote it",
            "take it from a backup, or train it anew",
        ) from error


def write_private_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays to a new file that only its owner may read: they tell of somebody.

    Args:
        path: Where to; nothing may be there.
        tensors: By name, of the kinds that `read_tensors` knows.

    Raises:
        OSError: It cannot be written.
        KeyError: An array is of another kind.
    """
    names = {np.dtype(kind): name for name, kind in _KINDS.items()}
    header, begin = {}, 0
    for name, values in tensors.items():
        end = begin + values.nbytes
        header[name] = {
            "dtype": names[values.dtype],
            "shape": list(values.shape),
            "data_offsets": [begin, end],
        }
        begin = end
    words = json.dumps(header).encode()
    words += b" " * (-len(words) % _ALIGNED)
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(struct.pack("<Q", len(words)) + words)
        for values in tensors.values():
            file.write(np.ascontiguousarray(values).tobytes())


def _parsed(data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    (length,) = struct.unpack_from("<Q", data)
    if length > min(_MAX_HEADER, len(data) - 8):
        raise ValueError("header too long")
    header: Mapping[str, Any] = json.loads(data[8 : 8 + length])
    words = dict(header.get("__metadata__", {}))
    values = memoryview(data)[8 + length :]
    found: dict[str, NDArray[Any]] = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        dtype, shape = np.dtype(_KINDS[about["dtype"]]), tuple(map(int, about["shape"]))
        begin, end = map(int, about["data_offsets"])
        if min((begin, *shape), default=0) < 0 or end > len(values):
            raise ValueError("a tensor lies outside the file")
        if end - begin != dtype.itemsize * math.prod(shape):
            raise ValueError("a tensor is not as long as its shape says")
        found[name] = np.frombuffer(values[begin:end], dtype).reshape(shape)
    return found, words
