"""The head turned a little; words say whether to a side, up, down or tilted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from masquerade.effects.portrait import Portrait
from masquerade.faces.living.draw import LIMIT_DEG, Moment, drawn, moved_mesh
from masquerade.faces.living.photo import living_photo
from masquerade.types import Face

RANGE = (0.0, 1.0)
WORDS = ("left", "right", "up", "down", "tilt")
MODELS = ("person_mask",)
ROOM = 1.1
MOVES_HEAD = True

_WAYS: Final = {
    "left": (1.0, 0.0, 0.0),
    "right": (-1.0, 0.0, 0.0),
    "up": (0.0, -0.7, 0.0),
    "down": (0.0, 0.7, 0.0),
    "tilt": (0.0, 0.0, 0.7),
}


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Turn the head by the mesh's depth; what was behind it is carried on from beside it."""
    if not amount:
        return portrait
    marks = np.column_stack([portrait.points, portrait.depth]).astype(np.float32)
    low, high = marks[:468, :2].min(axis=0), marks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    photo = living_photo(portrait.pixels, Face(box, 1.0, marks, (0.0, 0.0, 0.0)), portrait.people)
    yaw, pitch, roll = (way * amount * LIMIT_DEG for way in _WAYS[word])
    moment = Moment((yaw, pitch, roll))
    moved = moved_mesh(photo, moment)
    return replace(
        portrait.with_pixels(drawn(photo, moment)),
        points=moved[:, :2],
        depth=moved[:, 2],
        hair=None,
        beside=None,
    )
