"""Pictures of a person as a trained network draws them, to look at and to measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.faces.embed import chip, embed_chips
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import height_px
from masquerade.faces.trained_face import lay
from masquerade.models.trained.swap import SwapFile, TrainedSwap
from masquerade.types import RGB, Embedding, Face, Points

SIDE: Final = 256
"""Width and height of a portrait in pixels."""
_GROUND: Final = 118


@dataclass(frozen=True, slots=True)
class Portrait:
    """A drawn face.

    Attributes:
        pixels: (256, 256, 3) uint8 RGB, the face on plain grey.
        face: The face in it.
    """

    pixels: RGB
    face: Face


def portraits(file: SwapFile) -> tuple[Portrait, ...]:
    """The source as the network of a file draws them, from its own pictures of them.

    Nothing of those pictures is passed on but through the network, which is what a swap shows.

    Args:
        file: A trained swap.

    Raises:
        ModelError: Its network cannot be run.
    """
    drawn = TrainedSwap(file)(list(file.pictures))
    return tuple(
        portrait(pixels, marks) for (pixels, _), marks in zip(drawn, file.landmarks, strict=True)
    )


def portrait(pixels: RGB, landmarks: Points, *, even: bool = False) -> Portrait:
    """A map laid over a mesh, on plain grey.

    Args:
        pixels: (S, S, 3) uint8 RGB, the map.
        landmarks: (478, 3) in pixels of the portrait.
        even: As `masquerade.faces.trained_face.lay` takes it.
    """
    laid = lay(pixels, None, landmarks, (0, 0, SIDE, SIDE), height_px(landmarks), even=even)
    inside = np.clip(laid.inward * 20, 0, 1)[..., None]
    shown = _GROUND + inside * (laid.pixels - np.float32(_GROUND))
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    face = Face(box, 1.0, landmarks, (0.0, 0.0, 0.0))
    return Portrait(np.rint(shown).astype(np.uint8), face)


def identity(some: Sequence[Portrait], reader: FaceReader) -> Embedding:
    """(128,) float32 the mean identity of portraits.

    Args:
        some: At least one.
        reader: The loaded face networks.
    """
    found = embed_chips([chip(one.pixels, one.face) for one in some], reader)
    mean: Embedding = found.mean(axis=0, dtype=np.float32)
    return mean
