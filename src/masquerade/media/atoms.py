"""The boxes of an ISO media file (MP4, MOV), and encoder strings left inside streams: as stored.

Only headers are read, and at most a stated number of them (ISO/IEC 14496-12, section 4.2).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from masquerade.errors import MediaError

_MOST: Final = 256
_HEAD_BYTES: Final = 1 << 19
_PARENTS: Final = (b"moov", b"trak", b"mdia", b"udta", b"moof")
_ENCODERS: Final = re.compile(
    rb"(x264 - core \d+|x265 \(build \d+\)|Lavc\d[\d.]*|Lavf\d[\d.]*|LAME3?[\d.]+|HandBrake [\d.]+"
    rb"|SVT-AV1[ \w.\-]*|libvpx[ \w.\-]*|GPAC[ \w.\-]*)"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One box: names from the outermost in, such as ``moov/trak``; its place and size in bytes."""

    path: str
    offset: int
    size: int


def atoms(path: Path) -> tuple[Atom, ...]:
    """The boxes of a file in order, at most 256; none where it is no ISO media file.

    Args:
        path: Any file.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            length = path.stat().st_size
            head = file.read(12)
            if head[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
                return ()
            return tuple(found for found, _ in zip(_walk(file, 0, length, ""), range(_MOST)))  # noqa: B905
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror})", "a file", "check the name"
        ) from error


def encoder_strings(path: Path) -> tuple[str, ...]:
    """Names of encoders found in the first and last half megabyte of a file, each once.

    Args:
        path: Any file.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(max(len(head), path.stat().st_size - _HEAD_BYTES))
            data = head + file.read(_HEAD_BYTES)
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read ({error.strerror})", "a file", "check the name"
        ) from error
    found = (match.group().decode("ascii", "replace").strip() for match in _ENCODERS.finditer(data))
    return tuple(dict.fromkeys(found))[:8]


def _walk(file: BinaryIO, start: int, end: int, parent: str) -> Iterator[Atom]:
    at = start
    while at + 8 <= end:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, name = struct.unpack(">I4s", head[:8])
        inner = 8
        if size == 1 and len(head) == 16:
            size, inner = struct.unpack(">Q", head[8:])[0], 16
        size = end - at if size == 0 else size
        if size < inner or at + size > end or (not name.isalnum() and not name.strip(b" \xa9")):
            return
        where = f"{parent}{name.decode('latin-1')}"
        yield Atom(where, at, size)
        if name in _PARENTS:
            yield from _walk(file, at + inner, at + size, f"{where}/")
        at += size
