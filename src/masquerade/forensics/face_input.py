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


def face_input(pictures: Sequence[RGB]) -> NDArray[np.float32]:
    """(N, 3, 192, 192) float32 in 0 to 255.

    Args:
        pictures: (256, 256, 3) uint8 RGB each, from `masquerade.forensics.sample.cut_out`.
    """
    edge = (CUT_PX - TAKEN) // 2
    part = slice(edge, edge + TAKEN)
    small = [
        cv2.resize(one[part, part], (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in pictures
    ]
    return np.ascontiguousarray(np.stack(small).transpose(0, 3, 1, 2), np.float32)
