"""Parts of a face pushed to another place, softly, as if it were clay.

Each push moves what lies around a point, less with the distance; the sum of all is one smooth
field. Beside the face it fades, so that what is behind stays straight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.faces.mesh import OVAL

_BEYOND: Final = 0.35  # units beside the face's outline at which nothing moves any more
_GRID: Final = 48  # points of the field in a unit
_LEAST_PX: Final = 0.02  # movements below this are none, so that what is beside stays bit-exact
_ROUNDS: Final = 3  # to find where a pixel came from, where the field bends

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Push:
    """What lies around a mesh point, moved.

    Attributes:
        point: Number of the point.
        left: How far to the face's own left (the viewer's right), in units.
        down: How far down.
        reach: Distance in units at which six tenths of the movement are left.
    """

    point: int
    left: float
    down: float
    reach: float


def pushed(portrait: Portrait, pushes: Iterable[Push]) -> Portrait:
    """The portrait with parts moved, pixels and mesh."""
    moves = list(pushes)
    height, width = portrait.pixels.shape[:2]
    tall, wide = (max(round(side / max(portrait.unit / _GRID, 1)), 2) for side in (height, width))
    # The field is smooth: it is found on a coarse grid of pixels' middles.
    x = (np.arange(wide, dtype=np.float32) + 0.5) * np.float32(width / wide) - 0.5
    y = (np.arange(tall, dtype=np.float32) + 0.5) * np.float32(height / tall) - 0.5
    places = np.stack(np.meshgrid(x, y), axis=-1)
    kept = cv2.resize(_kept(portrait), (wide, tall), interpolation=cv2.INTER_AREA)[..., None]
    move: Floats = np.zeros_like(places, np.float32)
    for _ in range(_ROUNDS):
        move = -_field(portrait, moves, (places + move).astype(np.float32)) * kept
    rows, columns = np.indices((height, width), np.float32)
    fine = cv2.resize(move.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    fine[np.abs(fine) < _LEAST_PX] = 0
    pixels = cv2.remap(
        portrait.pixels,
        columns + fine[..., 0],
        rows + fine[..., 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    points = portrait.points + _field(portrait, moves, portrait.points)
    return replace(portrait, pixels=np.asarray(pixels, np.uint8), points=points)


def _field(portrait: Portrait, pushes: Iterable[Push], places: Floats) -> Floats:
    """(..., 2) float32: how far what is at these places, (..., 2), moves, in pixels."""
    left, down = portrait.axes
    unit = portrait.unit
    field = np.zeros_like(places)
    for push in pushes:
        away = ((places - portrait.points[push.point]) ** 2).sum(axis=-1)
        amount = np.exp(-away / (2 * (push.reach * unit) ** 2))
        move = (push.left * left + push.down * down) * unit
        field += amount[..., None] * move.astype(np.float32)
    return field


def _kept(portrait: Portrait) -> Floats:
    """(h, w): 1 in the face, falling to 0 beside it and at the border of the cut-out."""
    inside = np.zeros(portrait.pixels.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.rint(portrait.points[list(OVAL)]).astype(np.int32)], 1)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3) / (_BEYOND * portrait.unit)
    fade = np.clip(1 - away, 0, 1)
    kept = fade * fade * (3 - 2 * fade) * portrait.border()
    if portrait.still is not None:
        kept *= 1 - portrait.still
    return np.asarray(kept, np.float32)
