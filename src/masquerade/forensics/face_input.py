"""A cut-out face as the learned detector takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.sample import CUT_PX
from masquerade.types import RGB

SIDE: Final = 192
TAKEN: Final = 224
"""Pixels of a cut-out's side that are taken: 1.31 sizes of the face, in the middle."""
_LEAST_LIT: Final = 32
"""Pixels of a side that is lit, below which there is too little to mirror."""


def face_input(pictures: Sequence[RGB]) -> NDArray[np.float32]:
    """(N, 3, 192, 192) float32 in 0 to 255; where a picture ends, it goes on mirrored.

    Args:
        pictures: (256, 256, 3) uint8 RGB each, from `masquerade.forensics.sample.cut_out`.
    """
    edge = (CUT_PX - TAKEN) // 2
    part = slice(edge, edge + TAKEN)
    small = [
        cv2.resize(mirrored(one)[part, part], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for one in pictures
    ]
    return np.ascontiguousarray(np.stack(small).transpose(0, 3, 1, 2), np.float32)


def mirrored(picture: RGB) -> RGB:
    """The picture with black bars at its edges replaced by what is beside them, mirrored.

    A cut-out is black beyond the frame. Few faces in training were cut off so, and to the network
    that edge looks like a trace of blending (docs/learned-detectors.md has the figures).

    Args:
        picture: (H, W, 3) uint8 RGB.
    """
    lit = picture.any(axis=2)
    down, across = np.logical_or.reduce(lit, axis=1), np.logical_or.reduce(lit, axis=0)
    (top, bottom), (left, right) = _span(down), _span(across)
    high, wide = lit.shape
    inner = picture[top : high - bottom, left : wide - right]
    if inner.shape == picture.shape or min(inner.shape[:2]) < _LEAST_LIT:
        return picture
    filled = cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REFLECT_101)
    return np.asarray(filled, np.uint8)


def _span(lit: NDArray[np.bool_]) -> tuple[int, int]:
    """How many lines at the start and at the end are not to be used: black, or half black."""
    if not lit.any():
        return 0, 0
    first, last = int(lit.argmax()), int(lit[::-1].argmax())
    return first + bool(first), last + bool(last)
