"""GIF files block by block (CompuServe, GIF89a specification, 1990)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURS: Final = 256
OPAQUE_FROM: Final = 128
KEEP, CLEAR = 1, 2  # what happens to a picture before the next: stays, or gives way to nothing
TRAILER: Final = b"\x3b"


def write_gif(
    pictures: Iterable[tuple[NDArray[np.uint8], int]], file: BinaryIO, *, loops: int
) -> None:
    """Writes an animation with a palette of its own for every picture.

    A picture of few enough colours is kept exactly, others are dithered to 255 or 256. Pixels of
    an opacity under one half become transparent, the others opaque.

    Args:
        pictures: (H, W, 3 or 4) uint8 of one size, with hundredths of a second.
        file: Open for writing.
        loops: How often to play; 0 means for ever, 1 writes no count.
    """
    for number, (pixels, delay) in enumerate(pictures):
        if number == 0:
            height, width = pixels.shape[:2]
            file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0))
            if loops != 1:
                count = struct.pack("<BBHB", 3, 1, loops, 0)
                file.write(b"\x21\xff\x0bNETSCAPE2.0" + count)
        indices, palette, clear = _paletted(pixels)
        file.write(_control(delay, clear))
        file.write(_image(indices, palette))
    file.write(TRAILER)


def _control(delay: int, clear: int | None) -> bytes:
    """The graphic control extension (section 23): delay, transparent index, disposal."""
    disposal = KEEP if clear is None else CLEAR
    flags = disposal << 2 | (clear is not None)
    return b"\x21\xf9\x04" + struct.pack("<BHBB", flags, min(delay, 0xFFFF), clear or 0, 0)


def _paletted(
    pixels: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int | None]:
    """(H, W) indices, (256, 3) palette, and the index that is transparent, if any."""
    hidden = pixels[..., 3] < OPAQUE_FROM if pixels.shape[2] == 4 else None
    room = COLOURS if hidden is None or not hidden.any() else COLOURS - 1
    rgb = np.ascontiguousarray(pixels[..., :3])
    palette = np.zeros((COLOURS, 3), np.uint8)
    packed = rgb.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    shown = packed if hidden is None else np.where(hidden, packed.flat[0], packed)
    colours, where = np.unique(shown, return_inverse=True)
    if len(colours) <= room:
        indices = where.reshape(shown.shape).astype(np.uint8)
        palette[: len(colours)] = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], 1)
    else:
        whole = Image.fromarray(rgb)
        # On faces an octree is nearer than a median cut, and four times as fast.
        chosen = whole.quantize(room, method=Image.Quantize.FASTOCTREE)
        image = whole.quantize(palette=chosen, dither=Image.Dither.FLOYDSTEINBERG)
        found = np.array(chosen.getpalette() or [], np.uint8).reshape(-1, 3)[:room]
        palette[: len(found)] = found
        indices = np.array(image)
    if room == COLOURS or hidden is None:
        return indices, palette, None
    indices[hidden] = room
    return indices, palette, room


def _image(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Image descriptor, local palette and compressed indices (sections 20 to 22)."""
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "GIF", optimize=False, interlace=False)
    descriptor = b"\x2c" + struct.pack("<HHHHB", 0, 0, *indices.shape[::-1], 0x87)
    return descriptor + palette.tobytes() + b"".join(_compressed(buffer.getvalue()))


def _compressed(gif: bytes) -> Iterator[bytes]:
    """The compressed indices of a GIF of one picture: code size and data blocks."""
    flags = gif[10]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while gif[at] == 0x21:  # an extension: label, then blocks up to an empty one
        at = _after_blocks(gif, at + 2)
    flags = gif[at + 9]
    at += 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    yield gif[at : _after_blocks(gif, at + 1)]


def _after_blocks(gif: bytes, at: int) -> int:
    while gif[at]:
        at += gif[at] + 1
    return at + 1
