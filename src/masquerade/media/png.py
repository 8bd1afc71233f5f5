"""PNG files chunk by chunk: what Pillow cannot write, 16 bits of colour and exact animation."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from masquerade.errors import OutputError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
LARGEST: Final = 0xFFFF
REPLACE: Final = 0


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk with its length and checksum (PNG specification, section 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, data) of each chunk of a well-formed file."""
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def profile_chunk(icc_profile: bytes) -> bytes:
    """The iCCP chunk of a colour profile; nothing for an empty one."""
    return chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc_profile)) if icc_profile else b""


def deep_png(pixels: NDArray[np.uint16], *, icc_profile: bytes = b"", exif: bytes = b"") -> bytes:
    """A PNG file of 16 bits a component.

    Args:
        pixels: (H, W, 3) RGB or (H, W, 4) RGBA, uint16.
        icc_profile: Colour profile; may be empty.
        exif: EXIF as the bytes of a TIFF structure, with or without its ``Exif`` prefix.

    Raises:
        OutputError: The picture cannot be encoded.
    """
    order = [2, 1, 0, 3][: pixels.shape[2]]
    done, encoded = cv2.imencode(".png", pixels[..., order])
    if not done:
        raise OutputError(f"a picture of shape {pixels.shape} cannot be encoded as PNG")
    parts = [SIGNATURE]
    for name, data in chunks(encoded.tobytes()):
        parts.append(chunk(name, data))
        if name == b"IHDR":
            parts.append(profile_chunk(icc_profile))
            if exif:
                parts.append(chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    return b"".join(parts)


def write_apng(
    pictures: Iterable[tuple[NDArray[np.uint8], Fraction]],
    file: BinaryIO,
    *,
    loops: int,
    icc_profile: bytes = b"",
) -> None:
    """Writes an animation (PNG specification, third edition, section 11.3.6).

    Args:
        pictures: (H, W, 3 or 4) uint8 of one size and kind, with seconds; see `apng_delay`.
        file: Open for writing, at its start, and able to seek.
        loops: How often to play; 0 means for ever.
        icc_profile: Colour profile; may be empty.
    """
    sequence = count = counted_at = 0
    for pixels, delay in pictures:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        parts = list(chunks(buffer.getvalue()))
        data = b"".join(part for name, part in parts if name == b"IDAT")
        if count == 0:
            file.write(SIGNATURE + chunk(*parts[0]) + profile_chunk(icc_profile))
            counted_at = file.tell()
            file.write(chunk(b"acTL", struct.pack(">II", 0, loops)))
        file.write(_control(sequence, pixels, delay))
        if count == 0:
            file.write(chunk(b"IDAT", data))
        else:
            file.write(chunk(b"fdAT", struct.pack(">I", sequence + 1) + data))
        sequence += 1 if count == 0 else 2
        count += 1
    file.write(chunk(b"IEND", b""))
    file.seek(counted_at)
    file.write(chunk(b"acTL", struct.pack(">II", count, loops)))


def apng_delay(seconds: Fraction) -> Fraction:
    """The nearest delay that APNG can state: a fraction of two numbers of 16 bits."""
    if seconds >= LARGEST:
        return Fraction(LARGEST)
    return seconds.limit_denominator(LARGEST // max(1, int(seconds) + 1))


def _control(sequence: int, pixels: NDArray[np.uint8], delay: Fraction) -> bytes:
    """The frame control chunk: whole picture, for so long, in place of the one before."""
    height, width = pixels.shape[:2]
    place = struct.pack(">IIIII", sequence, width, height, 0, 0)
    times = struct.pack(">HH", delay.numerator, delay.denominator)
    return chunk(b"fcTL", place + times + bytes((REPLACE, REPLACE)))
