"""How long the sound of a WAV file is by its header; FFmpeg tells what of it is there."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

from masquerade.hashing import BlockHashes
from masquerade.media.known_file import KnownFile

_KINDS: Final = (b"RIFF", b"RF64", b"BW64")
_MOST_CHUNKS: Final = 64
_UNKNOWN: Final = 0x7FFF0000  # from here on a size was written before the length was known


def wave_length_s(path: Path, known: BlockHashes | None = None) -> Fraction | None:
    """Seconds of sound that the header of a WAV file speaks of, whether or not they are there.

    Args:
        path: Any file that can be read.
        known: What it has to hold still; None where that was not asked before.

    Returns:
        None where it is no WAV file, or was streamed and does not say.

    Raises:
        PolicyError: It does not hold any more what it held.
    """
    if known is not None:
        with KnownFile(path, known) as file:
            return _said_s(file)
    with path.open("rb") as file:
        return _said_s(file)


def _said_s(file: BinaryIO | KnownFile) -> Fraction | None:
    head = _read(file, 12)
    if head[:4] not in _KINDS or head[8:12] != b"WAVE":
        return None
    at, per_second, wide = 12, 0, 0
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        name, size = struct.unpack("<4sI", _read(file, 8).ljust(8, b"\0"))
        if name == b"ds64":
            wide = struct.unpack("<8xQ", _read(file, 16).ljust(16, b"\0"))[0]
        elif name == b"fmt ":
            per_second = struct.unpack("<8xI", _read(file, 12).ljust(12, b"\0"))[0]
        elif name == b"data":
            size = wide if wide and size == 0xFFFFFFFF else size if size < _UNKNOWN else 0
            return Fraction(size, per_second) if size and per_second else None
        at += 8 + size + size % 2
    return None


def _read(file: BinaryIO | KnownFile, count: int) -> bytes:
    """So many bytes, or what is left."""
    found = b""
    while len(found) < count:
        more = file.read(count - len(found))
        if not more:
            break
        found += more
    return found
