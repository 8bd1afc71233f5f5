"""How far an identity lies off the way between two others: a swap lies on it, a stranger off it."""

from __future__ import annotations

from typing import Final

from masquerade.faces.embed import distance
from masquerade.types import Embedding

ASTRAY: Final = 0.50
"""From this detour on a face is somebody else's; measured by benchmarks/drawn_faces.py."""
ASTRAY_SMALL: Final = 0.60
"""The same for small or soft faces, whose identities are less sure."""
SMALL_PX: Final = 60.0
"""Size of a face below which it is small."""


def detour(drawn: Embedding, source: Embedding, target: Embedding) -> float:
    """How much longer the way from one identity to another is that leads by a third.

    Example:
        >>> import numpy as np
        >>> place = np.array([[0.0, 0.0], [0.4, 0.0], [0.2, 0.0], [0.2, 0.3]], np.float32)
        >>> [round(detour(drawn, place[0], place[1]), 2) for drawn in place]
        [0.0, 0.0, 0.0, 0.32]
    """
    return distance(source, drawn) + distance(drawn, target) - distance(source, target)
