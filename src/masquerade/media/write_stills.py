"""One picture as a file: JPEG, PNG, WebP, AVIF or TIFF, with its colour profile and safe tags."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from masquerade.errors import UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import STILL_ENDINGS, whole_file
from masquerade.media.layout import layout
from masquerade.media.opacity import laid_over
from masquerade.media.png import deep_png
from masquerade.media.probe import MediaInfo
from masquerade.media.still_tags import StillTags, still_tags
from masquerade.types import Frame

LOSSLESS: Final = 100


def write_still(
    frame: Frame, out: Path, info: MediaInfo, encoding: Encoding, *, ending: str = ""
) -> tuple[str, ...]:
    """Writes one upright picture; gives back notes.

    JPEG is written without chroma subsampling. Transparency is kept in all formats but JPEG, where
    it is laid over white. PNG keeps 16 bits where the frame carries such planes.

    Args:
        frame: The picture.
        out: Where to write; it does not exist after a failure.
        info: The input that the colour profile and the tags are taken from.
        encoding: For its quality.
        ending: Chooses the format where the name of `out` is a temporary one.

    Returns:
        Sentences on what the output could not keep.

    Raises:
        UsageError: The ending is not one of a picture.
        OutputError: No space or permission, or no such folder.
    """
    kind = (ending or out.suffix).lower()
    if kind not in STILL_ENDINGS:
        raise UsageError(
            f"{kind or 'no ending'} is not a picture ending that can be written",
            f"one of {', '.join(STILL_ENDINGS)}",
            "name the output with one of them",
        )
    tags = still_tags(info, keep=encoding.tags == "keep")
    deep = _deep_pixels(frame) if kind == ".png" else None
    with whole_file(out), out.open("wb") as file:
        if deep is not None:
            file.write(deep_png(deep, icc_profile=tags.icc_profile, exif=tags.exif))
        else:
            pixels = laid_over(frame) if kind in (".jpg", ".jpeg") else with_alpha(frame)
            Image.fromarray(pixels).save(file, **_options(kind, encoding, tags))
    return (*_losses(frame, info, kind, deep), *tags.notes)


def with_alpha(frame: Frame) -> NDArray[np.uint8]:
    """(H, W, 3) or, where the frame is partly transparent, (H, W, 4) uint8."""
    return frame.pixels if frame.alpha is None else np.dstack((frame.pixels, frame.alpha))


def _options(kind: str, encoding: Encoding, tags: StillTags) -> dict[str, Any]:
    quality = encoding.still_quality
    options: dict[str, Any] = {}
    if tags.icc_profile:
        options["icc_profile"] = tags.icc_profile
    if tags.exif:
        options["exif"] = tags.exif
    match kind:
        case ".jpg" | ".jpeg":
            return options | {"format": "JPEG", "quality": quality, "subsampling": 0}
        case ".png":
            return options | {"format": "PNG"}
        case ".webp":
            lossless = quality == LOSSLESS
            return options | {"format": "WEBP", "quality": quality, "lossless": lossless}
        case ".avif":
            threads = {"subsampling": "4:4:4", "max_threads": encoding.threads}
            return options | {"format": "AVIF", "quality": quality} | threads
        case _:
            # Pillow cannot write EXIF into a compressed TIFF.
            packed = None if tags.exif else "tiff_adobe_deflate"
            return options | {"format": "TIFF", "compression": packed}


def _deep_pixels(frame: Frame) -> NDArray[np.uint16] | None:
    """(H, W, 3 or 4) RGB(A) of 16 bits, where the frame has planes of RGB or gray above 8 bits."""
    planes = frame.planes
    if planes is None or layout(planes.format).bits <= 8 or layout(planes.format).kind == "yuv":
        return None
    kind = layout(planes.format)
    whole = [_to_16_bit(plane, kind.bits) for plane in planes.arrays]
    colours = [whole[0]] * 3 if kind.kind == "gray" else [whole[2], whole[0], whole[1]]
    if kind.alpha:
        colours.append(whole[-1])
    elif frame.alpha is not None:
        colours.append(frame.alpha.astype(np.uint16) * np.uint16(257))
    return np.dstack(colours)


def _to_16_bit(plane: NDArray[Any], bits: int) -> NDArray[np.uint16]:
    wide = plane.astype(np.uint32)
    return (wide << (16 - bits) | wide >> (2 * bits - 16)).astype(np.uint16)


def _losses(
    frame: Frame, info: MediaInfo, kind: str, deep: NDArray[np.uint16] | None
) -> tuple[str, ...]:
    notes = []
    if kind in (".jpg", ".jpeg") and frame.alpha is not None:
        notes.append("JPEG holds no transparency: the picture is laid over white")
    if info.bit_depth > 8 and deep is None:
        notes.append(f"a picture of {info.bit_depth} bits is written with 8")
    return tuple(notes)
