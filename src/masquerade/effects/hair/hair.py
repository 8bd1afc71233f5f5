"""Hair in another colour, or grey; its light and dark are kept."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.effects.hair_region import ROOM, hair_of
from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, only_where, rgb_of
from masquerade.effects.words import rgb

__all__ = ["HAIR", "MODELS", "RANGE", "ROOM", "WORDS", "apply"]

RANGE = (0.0, 1.0)
WORDS = ("#7a3b1e", "#rrggbb", "grey")
MODELS = ("person_mask",)
HAIR = True

_GREY: Final = (190, 188, 186)
_CONTRAST: Final = 1.7  # to which dark hair that becomes light is strengthened, at most
_LIGHT: Final = 0.6  # of the way to the wanted lightness, on the whole
_WHITE: Final = (72.0, 92.0)  # lightness from which hair is held back, and which it nears
_RICH: Final = 0.7  # power by which it is less colourful there
_SHINES: Final = 52.0  # above the hair's lightness, where a bare scalp shines in the light
_SHINE_FADES: Final = 14.0

Floats = NDArray[np.float32]


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour the hair of the head."""
    mask = hair_of(portrait) * np.float32(amount)
    if not mask.any():
        return portrait
    wanted = lab_of(np.array([[_GREY if word == "grey" else rgb(word)]], np.uint8))[0, 0]
    lab = lab_of(portrait.pixels)
    middle = float((lab[..., 0] * mask).sum() / mask.sum())
    gain = np.clip(float(wanted[0]) / max(middle, 1.0), 1.0, _CONTRAST)  # strands stay apart
    mask = mask * np.clip((middle + _SHINES - lab[..., 0]) / _SHINE_FADES, 0, 1)
    light = middle + gain * (lab[..., 0] - middle) + _LIGHT * (wanted[0] - middle)
    light = np.clip(_rolled_off(light), 0, 100)
    # Hair in shade has less colour: it is as light and as colourful as what falls on it.
    rich = np.clip(light / max(float(wanted[0]), 1.0), 0.2, 1.0)[..., None] ** _RICH
    made = np.concatenate([light[..., None], wanted[1:] * rich], axis=2)
    lab += mask[..., None] * (made - lab)
    return only_where(portrait, mask, rgb_of(lab))


def _rolled_off(light: Floats) -> Floats:
    """Lightness with its upper end drawn in, so that strands in the sun stay strands."""
    start, end = _WHITE
    over = np.maximum(light - start, 0) / (end - start)
    return np.asarray(np.where(light > start, start + (end - start) * np.tanh(over), light))
