"""Stubble: the shade of a beard that was shaved days ago."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, only_where
from masquerade.faces.mesh import INNER_LIPS, LEFT_BROW, LIPS, OVAL, RIGHT_BROW
from masquerade.types import Mask

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ()

_JAW: Final = (
    234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361,
    323, 454, 425, 426, 327, 2, 98, 206, 205,
)  # fmt: skip
_BARE: Final = ((205, 0.1), (425, 0.1), (50, 0.16), (280, 0.16))  # upper cheeks
_SHADE: Final = np.array([0.19, 0.15, 0.10], np.float32)  # density of what stands below the skin
_HAIR: Final = np.array([1.1, 1.15, 1.15], np.float32)  # the same of the hairs
_DARK: Final = 28.0  # levels of lightness by which brows are darker than skin, for a full shadow
_LIGHT: Final = 62.0  # lightness of skin from which hairs stand out in full
_FINE: Final = 0.0032  # units across a pixel of the tile
_TILE_PX: Final = 768
_PER_TILE: Final = 26000  # hairs: some fifty on a square centimetre
_LONG: Final = (2.0, 6.0)  # pixels of the tile
_ASTRAY: Final = 0.45  # spread of their direction in radians, from straight down
_SEED: Final = 3

Floats = NDArray[np.float32]


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shade the skin of the beard, and grow short hairs on it, as dark as the brows."""
    mask = _beard(portrait) * np.float32(amount * _darkness(portrait))
    density = mask[..., None] * (_SHADE + _grown(portrait)[..., None] * _HAIR)
    made = portrait.pixels.astype(np.float32) * np.exp(-density)
    return only_where(portrait, mask, np.asarray(made, np.float32))


def _darkness(portrait: Portrait) -> float:
    """How much of a beard is seen, in [0, 1]: hair as light as the skin, or as dark, hardly is."""
    light = lab_of(portrait.pixels)[..., 0]
    brows, skin = portrait.area([RIGHT_BROW, LEFT_BROW], 0.005), portrait.skin()
    if brows.sum() < 1 or skin.sum() < 1:
        return 1.0
    own, hair = (float((light * part).sum() / part.sum()) for part in (skin, brows))
    return float(np.clip((own - hair) / _DARK, 0.6, 1) * np.clip(own / _LIGHT, 0.55, 1))


def _beard(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: cheeks below, jaw, chin, lip and what is below, fading to bare skin."""
    grown = portrait.area([_JAW], 0.07) * portrait.area([OVAL], 0.03)
    lips = portrait.area([LIPS, INNER_LIPS], 0.012)
    below = np.clip(1 - 1.6 * portrait.spot(17, 0.05), 0, 1)  # little grows right below the lip
    bare = sum((portrait.spot(point, reach) for point, reach in _BARE), np.zeros_like(grown))
    own = grown * (1 - np.minimum(lips * 1.5, 1)) * below * np.clip(1 - bare, 0, 1)
    return np.asarray(np.maximum(own, 0.6 * _under_jaw(portrait)), np.float32)


def _under_jaw(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: the skin of the throat just below the jaw."""
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    left, down = portrait.axes
    x, y = columns - portrait.points[152, 0], rows - portrait.points[152, 1]
    deep = (x * down[0] + y * down[1]) / portrait.unit
    across = np.abs(x * left[0] + y * left[1]) / portrait.unit
    near = np.clip((deep + 0.3) / 0.1, 0, 1) * np.clip((0.3 - deep) / 0.2, 0, 1)
    near = near * np.clip((0.6 - across) / 0.25, 0, 1)
    return np.asarray(portrait.all_skin() * near * (1 - portrait.area([OVAL], 0.03)), np.float32)


def _grown(portrait: Portrait) -> Floats:
    """(h, w) in [0, 1]: how much of each pixel is hair; it stays where it is on the face."""
    rows, columns = np.indices(portrait.pixels.shape[:2], np.float32)
    left, down = portrait.axes
    x, y = columns - portrait.points[152, 0], rows - portrait.points[152, 1]
    scale = np.float32(1 / (_FINE * portrait.unit))
    across = (x * left[0] + y * left[1]) * scale + np.float32(_TILE_PX / 2)
    deep = (x * down[0] + y * down[1]) * scale + np.float32(_TILE_PX / 2)
    soft = max(float(scale) / 1.9, 0.3)  # pixels of the tile for half a pixel of the picture
    drawn = cv2.GaussianBlur(np.tile(_hairs(), (2, 2)), (0, 0), soft)[:_TILE_PX, :_TILE_PX]
    laid = cv2.remap(drawn, across, deep, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(laid, np.float32)


@lru_cache(maxsize=1)
def _hairs() -> Floats:
    """(768, 768) in [0, 1] short hairs at random places, thick here and thin there."""
    rng = np.random.default_rng(_SEED)
    tile = np.zeros((_TILE_PX, _TILE_PX), np.uint8)
    roots = rng.uniform(0, _TILE_PX, (_PER_TILE, 2))
    ways, longs = rng.normal(0, _ASTRAY, _PER_TILE), rng.uniform(*_LONG, _PER_TILE)
    tips = roots + longs[:, None] * np.stack([np.sin(ways), np.cos(ways)], axis=1)
    dark = rng.uniform(60, 255, _PER_TILE)
    for root, tip, shade in zip(np.rint(roots * 8), np.rint(tips * 8), dark, strict=True):
        cv2.line(tile, root.astype(int), tip.astype(int), float(shade), 1, cv2.LINE_AA, 3)
    return tile.astype(np.float32) / np.float32(255)
