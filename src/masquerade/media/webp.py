"""Animated WebP files chunk by chunk (WebP Container Specification, Google, 2023)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HAS_PROFILE, HAS_ALPHA, IS_ANIMATED = 0x20, 0x10, 0x02
NO_BLENDING: Final = 0x02
PICTURE_CHUNKS: Final = (b"ALPH", b"VP8 ", b"VP8L")
LONGEST_MS: Final = (1 << 24) - 1
LOSSLESS: Final = 100


def write_webp(
    pictures: Iterable[tuple[NDArray[np.uint8], int]],
    file: BinaryIO,
    *,
    loops: int,
    quality: int,
    icc_profile: bytes = b"",
) -> None:
    """Writes an animation whose pictures each stand for themselves.

    Args:
        pictures: (H, W, 3 or 4) uint8 of one size and kind, with milliseconds.
        file: Open for writing, at its start, and able to seek.
        loops: How often to play; 0 means for ever.
        quality: 1 to 100; 100 is lossless.
        icc_profile: Colour profile; may be empty.
    """
    for number, (pixels, delay) in enumerate(pictures):
        if number == 0:
            flags = IS_ANIMATED | HAS_PROFILE * bool(icc_profile)
            flags |= HAS_ALPHA * (pixels.shape[2] == 4)
            height, width = pixels.shape[:2]
            size = _three(width - 1) + _three(height - 1)
            file.write(b"RIFF\0\0\0\0WEBP" + _chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size))
            file.write(_chunk(b"ICCP", icc_profile) if icc_profile else b"")
            file.write(_chunk(b"ANIM", struct.pack("<IH", 0, loops)))
        file.write(_frame(pixels, delay, quality))
    length = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", length - 8))


def _frame(pixels: NDArray[np.uint8], delay: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(
        buffer, "WEBP", quality=quality, lossless=quality == LOSSLESS, exact=True
    )
    height, width = pixels.shape[:2]
    place = _three(0) * 2 + _three(width - 1) + _three(height - 1)
    head = place + _three(min(delay, LONGEST_MS)) + bytes((NO_BLENDING,))
    parts = (_chunk(name, data) for name, data in _chunks(buffer.getvalue()))
    return _chunk(b"ANMF", head + b"".join(parts))


def _chunks(webp: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks that hold the picture of a still WebP file."""
    at = 12
    while at < len(webp):
        name, (length,) = webp[at : at + 4], struct.unpack_from("<I", webp, at + 4)
        if name in PICTURE_CHUNKS:
            yield name, webp[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
