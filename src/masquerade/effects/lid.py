"""An upper lid let down over the eye, which stays where it is behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.sides import Side

_ABOVE: Final = 0.14  # units above the lid's edge, from where its skin is drawn out
_LASHES: Final = 0.02  # units below the edge that go down with it

Floats = NDArray[np.float32]


def lowered(portrait: Portrait, side: Side, amount: float) -> Portrait:
    """The portrait with one upper lid lower.

    Args:
        portrait: The face.
        side: Of the person.
        amount: Share of the eye's opening that is covered, in [0, 1].
    """
    origin = portrait.points[list(side.upper_lid)].mean(axis=0)
    along, deep = _coordinates(portrait, origin)
    upper = _edge(portrait, side.upper_lid, origin, along)
    lower = _edge(portrait, side.lower_lid, origin, along)
    drop = np.maximum(lower - upper, 0) * np.float32(amount)
    top, edge = upper - _ABOVE, upper + _LASHES
    share = np.clip((deep - top) / np.maximum(edge + drop - top, 1e-6), 0, 1)
    came = top + share * (edge - top)
    inside = (deep > top) & (deep < edge + drop) & (drop > 1e-4)
    shift = np.where(inside, came - deep, 0).astype(np.float32) * np.float32(portrait.unit)
    _, down = portrait.axes
    rows, columns = np.indices(shift.shape, np.float32)
    pixels = cv2.remap(
        portrait.pixels,
        columns + shift * down[0],
        rows + shift * down[1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    points = portrait.points.copy()
    for upper_point, lower_point in zip(side.upper_lid, side.lower_lid, strict=True):
        points[upper_point] += amount * (points[lower_point] - points[upper_point])
    return replace(portrait, pixels=np.asarray(pixels, np.uint8), points=points)


def _coordinates(portrait: Portrait, origin: Floats) -> tuple[Floats, Floats]:
    """Of every pixel, in units along and down the face, from a place."""
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    left, down = portrait.axes
    x, y = columns - origin[0], rows - origin[1]
    unit = np.float32(portrait.unit)
    return (x * left[0] + y * left[1]) / unit, (x * down[0] + y * down[1]) / unit


def _edge(portrait: Portrait, line: tuple[int, ...], origin: Floats, along: Floats) -> Floats:
    """How deep a lid's edge lies in every column of the face."""
    left, down = portrait.axes
    apart = (portrait.points[list(line)] - origin) / np.float32(portrait.unit)
    across, deep = apart @ left, apart @ down
    order = np.argsort(across)
    return np.asarray(np.interp(along, across[order], deep[order]), np.float32)
