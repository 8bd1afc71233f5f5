"""Upper teeth as they are seen from the front: where they are, and how bright each of them is.

Six front teeth and what can be seen of those beside them (Wheeler, "Dental Anatomy", gives widths:
incisors of 8.5 and 6.5 mm, canines of 7.5 mm, where eyes are 63 mm apart), seen narrower the
farther the row bends away. Corners are rounded, so that small dark wedges lie between the edges;
side incisors are a little shorter, and set back; canines are blunt points.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[np.float32]

# From the middle outwards: two incisors, the canine, two premolars, a molar. In eye distances.
_ENDS: Final = np.array([0.0, 0.132, 0.232, 0.322, 0.392, 0.45, 0.51], np.float32)
_SHORTER: Final = np.array([0.0, 0.008, 0.002, 0.012, 0.018, 0.024], np.float32)
_ROUNDED: Final = np.array([0.007, 0.009, 0.014, 0.01, 0.01, 0.01], np.float32)
_BLUNT: Final = np.array([5.0, 4.0, 1.7, 2.0, 2.0, 2.0], np.float32)  # 2: an arc; more: a corner
_BRIGHT: Final = np.array([1.0, 0.92, 0.82, 0.62, 0.44, 0.3], np.float32)
_EDGE: Final = 0.05  # of the middle ones below the line between closed lips
_BENT: Final = 0.07  # by which the row's edge rises to the sides, for its distance squared
_SOFT: Final = 0.012  # over which an edge fades
_BORDER: Final = 0.009  # half the width of the shadow between two teeth
_LEAST: Final = 0.1  # how dark that is halfway down,
_MOST: Final = 0.25  # and at the edge
_DEEP: Final = 0.035  # above the edge, over which it grows
_CURVED: Final = 0.07  # how much darker a tooth is at its sides, as it curves away


def upper_teeth(across: Field, down: Field) -> tuple[Field, Field]:
    """Two of (h, w) float32: how far there is a tooth, and its brightness, both in [0, 1].

    Args:
        across: (h, w) from the middle of the mouth, in eye distances.
        down: (h, w) from the line between closed lips, likewise.

    Example:
        >>> there, _ = upper_teeth(np.zeros((1, 2), np.float32), np.array([[0.0, 0.1]], np.float32))
        >>> there.tolist()
        [[1.0, 0.0]]
    """
    away = np.abs(across)
    tooth = np.clip(np.searchsorted(_ENDS, away, "right") - 1, 0, len(_SHORTER) - 1)
    half = np.diff(_ENDS)[tooth] / 2
    beside = np.clip(np.abs(away - _ENDS[tooth] - half) / half, 0, 1)  # 0 in a tooth's middle
    edge = _EDGE - _BENT * across**2 - _SHORTER[tooth] - _ROUNDED[tooth] * beside ** _BLUNT[tooth]
    there = np.clip((edge - down) / _SOFT + 0.5, 0, 1) * np.clip((_ENDS[-1] - away) / 0.04, 0, 1)
    border = np.exp(-(((1 - beside) * half / _BORDER) ** 2))
    depth = _LEAST + (_MOST - _LEAST) * np.clip(1 - (edge - down) / _DEEP, 0, 1)
    bright = _BRIGHT[tooth] * (1 - _CURVED * beside**2) * (1 - depth * border * _BRIGHT[tooth])
    return np.asarray(there, np.float32), np.asarray(bright, np.float32)
