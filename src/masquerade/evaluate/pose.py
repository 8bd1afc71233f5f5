"""Does the head look the same way? The angle between two head poses."""

from __future__ import annotations

import numpy as np

from masquerade.faces.pose import fit_head
from masquerade.types import Points


def pose_error_deg(result: Points, target: Points) -> float:
    """Angle in degrees of the one rotation that takes the target's head pose to the result's.

    Args:
        result: (478, 3) mesh measured on the result, in pixels.
        target: (478, 3) mesh of the target, in pixels.
    """
    between = fit_head(result).turn @ fit_head(target).turn.T
    return float(np.degrees(np.arccos(np.clip((np.trace(between) - 1) / 2, -1, 1))))
