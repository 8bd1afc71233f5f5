"""Eyes that look to a side, up or down; lids stay where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from masquerade.effects.eyeballs import between_lids
from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (0.0, 1.0)
WORDS = ("left", "right", "up", "down")

_IRISES: Final = (468, 473)
_FARTHEST: Final = (0.062, 0.032)  # units that irises move, sideways and up or down
_REACH: Final = 0.11  # units around them that move along
_WAYS: Final = {"left": (1, 0), "right": (-1, 0), "up": (0, -1), "down": (0, 1)}


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Push both irises, and show what moved between the lids alone."""
    across, deep = (way * far * amount for way, far in zip(_WAYS[word], _FARTHEST, strict=True))
    moved = pushed(portrait, [Push(iris, across, deep, _REACH) for iris in _IRISES])
    mask = between_lids(portrait, 0.008)[..., None]
    pixels = portrait.pixels + mask * (moved.pixels.astype(np.float32) - portrait.pixels)
    points = portrait.points.copy()
    points[468:] = moved.points[468:]
    return replace(portrait.with_pixels(np.asarray(pixels, np.float32)), points=points)
