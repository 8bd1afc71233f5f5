"""Older by so many years, or younger below zero: tone, lines and folds, as learnt from portraits.

Burt and Perrett, "Perception of age in adult Caucasian male faces: computer graphic manipulation
of shape and colour information" (1995): the mean change of many faces, laid on one.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.age_layers import (
    BANDS,
    NAME,
    age_layers,
    fine_detail,
    inside_map,
    pixels_of,
    tones,
)
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import only_where
from masquerade.faces.mesh import INNER_LIPS, LEFT_EYE, RIGHT_EYE
from masquerade.faces.unrolled import SIDE, layout
from masquerade.faces.warp import dense_map, widen
from masquerade.types import Mask

RANGE = (-30.0, 40.0)
WORDS: tuple[str, ...] = ()
MODELS = (NAME,)

_TONES: Final = 2.0  # times what was learnt: sitters smile at studio lights, which hide years
_DETAIL: Final = 2.6
_LINES: Final = 1.9  # depth of new lines against the strength that detail gains
_MOST_GAINED: Final = 0.028  # above which lines would look like scratches
_LIGHT: Final = 0.4  # of what is light beside a line
_STRONGEST: Final = 3.0  # to which detail that is there is strengthened, at most
_MAP_FACE_PX: Final = 190.0  # height of a face on the map
_HAIRLINE: Final = (56.0, 74.0)  # rows of the map between forehead and brows
_KEPT: Final = (RIGHT_EYE, LEFT_EYE, INNER_LIPS)

Floats = NDArray[np.float32]


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Shift tones, strengthen or weaken what lines there are, and draw new ones."""
    layers, decades = age_layers(), amount / 10
    places, inside = _places(portrait)
    mask = inside * (1 - np.minimum(portrait.area(_KEPT, 0.02) * 1.5, 1))
    tone = tones(portrait.pixels)
    change = np.float32(_TONES * decades) * _taken(_skin_tone(), places)
    gains = np.float32(_DETAIL * decades) * _taken(layers.gain, places)
    scale = _height(portrait) / _MAP_FACE_PX
    for k, width in enumerate(BANDS):
        own = fine_detail(tone[..., 0], max(width * scale, 0.4))
        change[..., 0] += own * (np.clip(np.exp(gains[..., k]), 0, _STRONGEST) - 1)
    if amount > 0:
        change[..., 0] += _new_lines(places, _DETAIL * decades)
    made = pixels_of(tone + mask[..., None] * change)
    return only_where(portrait, np.asarray(mask, np.float32), made)


@cache
def _skin_tone() -> Floats:
    """(256, 256, 3) what was learnt of tone, where it is the skin's; read-only.

    Towards the hairline it is that of fringes and bald heads, which are no wrinkles.
    """
    low, high = _HAIRLINE
    rows = np.arange(SIDE, dtype=np.float32)[:, None, None]
    made = age_layers().tone * np.clip((rows - low) / (high - low), 0, 1)
    made.flags.writeable = False
    return np.asarray(made, np.float32)


def _places(portrait: Portrait) -> tuple[Floats, Mask]:
    """(h, w, 2) where on the map each pixel lies, and (h, w) how far inside the outline it is."""
    height, width = portrait.pixels.shape[:2]
    points = np.column_stack([portrait.points, portrait.depth]).astype(np.float32)
    carried = np.ascontiguousarray(layout().points[:, :2], np.float32)
    at = dense_map(widen(points), carried, (0, 0, width, height))
    return at, _taken(inside_map()[..., None], at)[..., 0]


def _taken(layer: Floats, at: Floats) -> Floats:
    """(h, w, K) a layer of the map, laid on the face."""
    laid = cv2.remap(layer, at[..., 0], at[..., 1], cv2.INTER_LINEAR)
    return np.asarray(laid, np.float32).reshape(*at.shape[:2], -1)


def _height(portrait: Portrait) -> float:
    return float(np.linalg.norm(portrait.points[10] - portrait.points[152]))


def _new_lines(at: Floats, decades: float) -> Floats:
    """(h, w) lines that were not there: as strong as the detail that such faces have gained."""
    layers = age_layers()
    before = layers.usual[..., :2]
    after = before * np.exp(np.float32(decades) * layers.gain[..., :2])
    gained = np.sqrt(np.maximum(after**2 - before**2, 0).sum(axis=-1))
    gained = _MOST_GAINED * np.tanh(gained / _MOST_GAINED)
    drawn = -np.abs(layers.lines) + np.float32(np.sqrt(2 / np.pi))  # dark, and light beside
    drawn = np.minimum(drawn, drawn * _LIGHT)
    return _taken((_LINES * gained * drawn)[..., None].astype(np.float32), at)[..., 0]
