"""A safetensors file taken apart: what its metadata says, and the digest of its weights.

The format: eight bytes of length, a header of JSON (each tensor's kind, shape and place, and
``__metadata__``), then the values. See https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from masquerade.errors import InputError, OutputError
from masquerade.provenance.canonical import Json, canonical_bytes

_METADATA = "__metadata__"
_MAX_HEADER = 100_000_000  # as the safetensors library has it
_PIECE = 1 << 20
_ALIGNED = 8


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What a safetensors file holds, without its values.

    Attributes:
        path: The file.
        tensors: Each tensor's kind, shape and place, as the header has them.
        metadata: Words by key.
        start: Where the values begin, in bytes.
        sha256: Of names, kinds, shapes and values; metadata does not count.
        file_sha256: Of all bytes.
    """

    path: Path
    tensors: dict[str, Json]
    metadata: dict[str, str]
    start: int
    sha256: str
    file_sha256: str


def read_model(path: Path) -> ModelFile:
    """The parts of a safetensors file.

    Raises:
        InputError: It is none, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _parsed(path, file)
    except OSError as error:
        raise InputError(f"the model cannot be read: {path} ({error.strerror})") from error
    except (ValueError, TypeError, struct.error, RecursionError) as error:
        raise InputError(f"{path.name} is no safetensors file", "a model trained here") from error


def add_metadata(model: ModelFile, added: Mapping[str, str]) -> None:
    """Puts words into the metadata of a model's own file, in one step; its weights stay.

    Raises:
        OutputError: The file cannot be written.
    """
    header = json.dumps({**model.tensors, _METADATA: {**model.metadata, **added}}).encode()
    header += b" " * (-len(header) % _ALIGNED)
    fresh = model.path.with_name(f".{model.path.name}.{os.getpid()}")
    try:
        with model.path.open("rb") as old, fresh.open("xb") as new:
            new.write(struct.pack("<Q", len(header)) + header)
            old.seek(model.start)
            while piece := old.read(_PIECE):
                new.write(piece)
            new.flush()
            os.fsync(new.fileno())
        fresh.replace(model.path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise OutputError(f"{model.path} cannot be written ({error.strerror})") from error


def _parsed(path: Path, file: BinaryIO) -> ModelFile:
    begin = file.read(8)
    (length,) = struct.unpack("<Q", begin)
    if length > _MAX_HEADER:
        raise ValueError("header too long")
    header = file.read(length)
    tensors = json.loads(header)
    metadata = tensors.pop(_METADATA, {}) if isinstance(tensors, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise ValueError("not a header")
    digest = hashlib.sha256(canonical_bytes(tensors))
    whole = hashlib.sha256(begin + header)
    while piece := file.read(_PIECE):
        digest.update(piece)
        whole.update(piece)
    hashes = digest.hexdigest(), whole.hexdigest()
    return ModelFile(path, tensors, metadata, 8 + length, *hashes)
