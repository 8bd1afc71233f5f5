"""The small picture that a camera put into a photo's metadata."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ExifTags, Image

from masquerade.media.container import check_file, picture_format
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.stills import BROKEN, opened
from masquerade.types import RGB

_MOST_BYTES: Final = 1 << 20
_MOST_PX: Final = 1 << 20
_OFFSET, _LENGTH = 0x0201, 0x0202  # of IFD1, Exif 2.32, 4.6.4
_HEAD: Final = b"Exif\0\0"


def read_thumbnail(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> RGB | None:
    """The (h, w, 3) thumbnail of a still as stored, not turned; None where there is none to read.

    Args:
        path: A still.
        limits: Against hostile files.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger than the limits allow.
    """
    check_file(path, limits)
    name = picture_format(path)
    if not name:
        return None
    with opened(path, name, limits) as (image, _):
        raw = image.info.get("exif", b"")
        first = image.getexif().get_ifd(ExifTags.IFD.IFD1)
    offset, length = first.get(_OFFSET), first.get(_LENGTH)
    if not (isinstance(raw, bytes) and isinstance(offset, int) and isinstance(length, int)):
        return None
    data = raw.removeprefix(_HEAD)[offset : offset + min(length, _MOST_BYTES)]
    return _decoded(data)


def _decoded(data: bytes) -> RGB | None:
    """The picture of a JPEG; None where it is broken, which is no fault of the photo's."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            if image.width * image.height > _MOST_PX:
                return None
            return np.asarray(image.convert("RGB"))
    except BROKEN:
        return None
