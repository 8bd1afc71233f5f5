"""Stubble: the shade of a beard that was shaved days ago."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, only_where, rgb_of
from masquerade.faces.mesh import INNER_LIPS, LIPS, OVAL
from masquerade.types import Mask

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_JAW: Final = (
    234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361,
    323, 454, 425, 426, 327, 2, 98, 206, 205,
)  # fmt: skip
_BARE: Final = ((205, 0.1), (425, 0.1), (50, 0.16), (280, 0.16))  # upper cheeks
_SHADE: Final = (-9.0, -3.0, -7.0)  # the skin where hair stands just below it, in CIE Lab
_HAIR: Final = (-13.0, -1.5, -3.0)  # the hairs themselves
_LIGHT: Final = 62.0  # lightness of skin from which hairs stand out in full
_FINE: Final = 0.0035  # units across a hair
_TILE_PX: Final = 768
_SEED: Final = 3

Floats = NDArray[np.float32]


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Darken the skin of the beard, and grow short hairs on it."""
    mask = _beard(portrait)
    hairs = np.clip(_grain(portrait), 0, 1.5)
    change = np.asarray(_SHADE, np.float32) + hairs[..., None] * np.asarray(_HAIR, np.float32)
    lab = lab_of(portrait.pixels)
    mask = np.asarray(mask * np.clip(lab[..., 0] / _LIGHT, 0.3, 1), np.float32)
    lab += (mask * np.float32(amount))[..., None] * change
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return only_where(portrait, mask * np.float32(amount), rgb_of(lab))


def _beard(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: cheeks below, jaw, chin and upper lip, fading towards bare skin."""
    grown = portrait.area([_JAW], 0.07) * portrait.area([OVAL], 0.03)
    lips = portrait.area([LIPS, INNER_LIPS], 0.012)
    below = np.clip(1 - 1.6 * portrait.spot(17, 0.05), 0, 1)  # little grows right below the lip
    bare = sum((portrait.spot(point, reach) for point, reach in _BARE), np.zeros_like(grown))
    return np.asarray(grown * (1 - np.minimum(lips * 1.5, 1)) * below * np.clip(1 - bare, 0, 1))


def _grain(portrait: Portrait) -> Floats:
    """(h, w) short strokes that stay where they are on the face, of spread 1."""
    noise = np.random.default_rng(_SEED).normal(size=(_TILE_PX, _TILE_PX)).astype(np.float32)
    strokes = cv2.GaussianBlur(noise, (0, 0), 0.6, sigmaY=1.4)
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    left, down = portrait.axes
    x, y = columns - portrait.points[152, 0], rows - portrait.points[152, 1]
    scale = np.float32(1 / (_FINE * portrait.unit))
    across = (x * left[0] + y * left[1]) * scale + np.float32(_TILE_PX / 2)
    deep = (x * down[0] + y * down[1]) * scale + np.float32(_TILE_PX / 2)
    soft = max(float(scale) / 2, 0.3)  # pixels of the tile for half a pixel of the picture
    drawn = cv2.GaussianBlur(np.tile(strokes, (2, 2)), (0, 0), soft)[:_TILE_PX, :_TILE_PX]
    drawn = drawn / strokes.std()
    laid = cv2.remap(drawn, across, deep, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(laid, np.float32)
