"""The white of the eyes."""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.types import Mask

_RIM: Final = 1.05  # of the iris's radius, beyond which it is white


def whites(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: 1 on the eyeballs beside the irises."""
    mask = portrait.area([RIGHT_EYE, LEFT_EYE], 0.01)
    rows, columns = np.indices(mask.shape, np.float32)
    for first in (468, 473):
        ring = portrait.points[first : first + 5]
        reach = max(float(np.linalg.norm(ring[1:] - ring[0], axis=1).mean()) * _RIM, 0.5)
        away = np.hypot(columns - ring[0, 0], rows - ring[0, 1]) / reach
        mask = mask * np.clip((away - 0.95) * 8, 0, 1).astype(np.float32)
    return mask
