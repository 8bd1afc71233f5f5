"""The map that networks are trained on: the same face, with more of its pixels on eyes and mouth.

Unrolled evenly (`masquerade.faces.unrolled`), an eye is open by two pixels of 64, and a quarter of
the map shows what is no face. So rows and columns are made wider where eyes and mouth lie, and
narrower beyond the outline. Each axis is stretched by itself, so that an upright edge stays
upright, and the same for every face; both halves are alike, as pictures are mirrored in training.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, LIPS, RIGHT_EYE
from masquerade.faces.unrolled import SIDE, layout
from masquerade.types import Points

_GAINS: Final = (1.0, 1.5)
"""Of columns and rows that hold most of eyes and mouth, over those of plain skin."""
_BEYOND: Final = 0.2  # of skin's width, for what lies beyond the outline
_AROUND_PX: Final = 13  # eyes and mouth are magnified with so much around them
_EVEN_PX: Final = 6.0  # widths change no faster than over so many pixels


def magnified(points: Points) -> Points:
    """(n, 3) float32 places of the even map on the magnified one, both of 256 pixels.

    Args:
        points: (n, 3) in pixels of `masquerade.faces.unrolled.layout`.
    """
    edges = np.arange(SIDE + 1, dtype=np.float64)
    found = np.array(points, np.float32)
    for axis, reached in enumerate(_edges()):
        found[:, axis] = np.interp(points[:, axis] + 0.5, edges, reached) - 0.5
    return found


def on_even_map(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(side,) columns and rows of the even map, in [0, 1], that each pixel shows.

    Args:
        side: Of the magnified map, in pixels.
    """
    edges = np.arange(SIDE + 1, dtype=np.float64)
    places = (np.arange(side) + 0.5) * (SIDE / side)
    across, down = (np.interp(places, reached, edges) / SIDE for reached in _edges())
    return across.astype(np.float32), down.astype(np.float32)


@cache
def _edges() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(257,) where the edges of the even map's columns and of its rows come to lie, read-only."""
    points, size = layout().points, 2 * (_AROUND_PX // 2) + 1
    features = np.zeros((SIDE, SIDE), np.uint8)
    for ring in (LIPS, RIGHT_EYE, LEFT_EYE):
        hull = cv2.convexHull(np.round(points[list(ring), :2]).astype(np.int32))
        cv2.fillConvexPoly(features, hull, 1)
    features = np.asarray(cv2.dilate(features, np.ones((size, size), np.uint8)), np.uint8)
    face = np.asarray(cv2.resize(layout().face, (SIDE, SIDE)), np.float32)
    found = []
    for axis, gain in enumerate(_GAINS):
        held = features.mean(axis=axis)
        widths = _BEYOND + (1 - _BEYOND) * face.max(axis=axis) + gain * held / held.max()
        if axis == 0:
            widths = (widths + widths[::-1]) / 2
        row = widths[None].astype(np.float32)
        smooth = cv2.GaussianBlur(row, (0, 0), _EVEN_PX, borderType=cv2.BORDER_REPLICATE)
        reached = np.concatenate([[0.0], np.cumsum(smooth[0], dtype=np.float64)])
        reached *= SIDE / reached[-1]
        reached.flags.writeable = False
        found.append(reached)
    return found[0], found[1]
