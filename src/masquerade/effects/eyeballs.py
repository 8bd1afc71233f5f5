"""The eyes between the lids: irises, and the white beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.types import Mask

_RINGS: Final = (468, 473)  # first points of the irises: the middle, then four around it
_RIM: Final = 1.05  # of an iris's radius, beyond which it is white


def from_pupils(portrait: Portrait) -> Iterator[NDArray[np.float32]]:
    """For each eye, (h, w): how far a pixel lies from the middle of the iris, in its radii."""
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    for first in _RINGS:
        middle, *around = portrait.points[first : first + 5]
        radius = np.linalg.norm(np.stack(around) - middle, axis=1).mean()
        away = np.hypot(columns - middle[0], rows - middle[1])
        yield np.asarray(away / max(float(radius), 0.5), np.float32)


def between_lids(portrait: Portrait, soft: float) -> Mask:
    """(h, w) in [0, 1]: 1 where eyes are open, with an edge as wide as `soft` units."""
    return portrait.area([RIGHT_EYE, LEFT_EYE], soft)


def whites(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: 1 on the eyeballs beside the irises."""
    mask = between_lids(portrait, 0.01)
    for away in from_pupils(portrait):
        mask = mask * np.clip((away / np.float32(_RIM) - 0.95) * 8, 0, 1)
    return np.asarray(mask, np.float32)
