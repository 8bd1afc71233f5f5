"""Who a face belongs to: 128 numbers that lie near each other for one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, dlib_points, dlib_template, similarity
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Embedding, Face

SAME_PERSON: Final = 0.6
"""Two photos nearer than this show one person (King 2017; see benchmarks/mesh_accuracy.py)."""


def chip(image: RGB, face: Face, *, side: int = 150) -> RGB:
    """The face cut out upright in the template the identity network was trained on.

    Args:
        image: (H, W, 3) uint8 RGB.
        face: A face of that picture.
        side: Width and height in pixels.

    Returns:
        (side, side, 3) uint8 RGB.
    """
    return crop(image, similarity(dlib_points(face), dlib_template(side)), side)


def embed(image: RGB, face: Face, reader: FaceReader) -> Embedding:
    """(128,) float32 identity of a face.

    Args:
        image: (H, W, 3) uint8 RGB.
        face: A face of that picture.
        reader: The loaded networks.
    """
    return np.asarray(embed_chips([chip(image, face)], reader)[0])


def embed_chips(chips: Sequence[RGB], reader: FaceReader) -> NDArray[np.float32]:
    """(n, 128) float32 identities of (150, 150, 3) chips."""
    if not chips:
        return np.zeros((0, 128), np.float32)
    return np.asarray(reader.identity(np.stack(chips)), np.float32)


def distance(a: Embedding, b: Embedding) -> float:
    """Euclidean distance of two identities: 0 for the same picture, above 0.6 for two people."""
    return float(np.linalg.norm(a.astype(np.float64) - b.astype(np.float64)))
