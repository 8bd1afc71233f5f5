"""What a partly transparent picture shows: its colours laid over a ground, as viewers show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from masquerade.types import RGB, Frame

WHITE: Final = 255
BLACK: Final = 0
_OPAQUE: Final = 255


def laid_over(frame: Frame, ground: int = WHITE) -> RGB:
    """(H, W, 3) uint8: a picture over a plain ground; its colours as they are where it is opaque.

    Args:
        frame: The picture.
        ground: Level of the ground, in [0, 255].
    """
    if frame.alpha is None:
        return frame.pixels
    share = frame.alpha[..., None].astype(np.uint16)
    over = frame.pixels * share + np.uint16(ground) * (_OPAQUE - share)
    return ((over + _OPAQUE // 2) // _OPAQUE).astype(np.uint8)


def looks_of(frame: Frame) -> Iterator[RGB]:
    """(H, W, 3) uint8 each: all that somebody may see in a picture.

    Its colours; where it is partly transparent, it over white and over black too. Transparency can
    hide who lies in the colours, or draw somebody by itself.
    """
    yield frame.pixels
    if frame.alpha is not None and bool((frame.alpha < _OPAQUE).any()):
        yield laid_over(frame, WHITE)
        yield laid_over(frame, BLACK)
