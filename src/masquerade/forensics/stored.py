"""How finely a still is stored, which decides what traces of earlier storing can be left in it."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.forensics.sample import Sample
from masquerade.forensics.signals.claims import standard_quality

MOST_PIXELS: Final = 6_000_000
_FINE: Final = 90
_MEAN_FINE: Final = 12.0  # mean of the brightness table of the common library at quality 90
_LOSSLESS: Final = ("png", "tiff", "bmp", "gif")


def fineness(sample: Sample) -> str:
    """``lossless``, ``fine`` (a JPEG of quality 90 and above), ``coarse``; ``other`` if not known.

    Args:
        sample: A still.
    """
    if sample.info.container in _LOSSLESS:
        return "lossless"
    tables = sample.tags.quantisation
    if not tables:
        return "other"
    quality = standard_quality(tables)
    if quality is not None:
        return "fine" if quality >= _FINE else "coarse"
    return "fine" if float(np.mean(tables[0])) <= _MEAN_FINE else "coarse"


def window(
    size_wh: tuple[int, int], *, around: tuple[float, float] | None = None
) -> tuple[slice, slice]:
    """The part of a large still that is looked at: rows and columns, at whole blocks of 8 pixels.

    Args:
        size_wh: Of the picture.
        around: What lies in its middle, such as a face; the picture's middle if not given.
    """
    width, height = size_wh
    if width * height <= MOST_PIXELS:
        return slice(0, height), slice(0, width)
    scale = (MOST_PIXELS / (width * height)) ** 0.5
    found = []
    for length, middle in zip(
        (height, width), (around or (width / 2, height / 2))[::-1], strict=True
    ):
        part = int(length * scale) // 8 * 8
        start = int(min(max(middle - part / 2, 0), length - part)) // 8 * 8
        found.append(slice(start, start + part))
    return found[0], found[1]
