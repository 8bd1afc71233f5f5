"""Hair in another colour, or grey; its light and dark are kept."""

from __future__ import annotations

from typing import Final

import numpy as np

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


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Colour the hair of the head."""
    mask = hair_of(portrait) * np.float32(amount)
    if not mask.any():
        return portrait
    wanted = lab_of(np.array([[_GREY if word == "grey" else rgb(word)]], np.uint8))[0, 0]
    lab = lab_of(portrait.pixels)
    middle = float((lab[..., 0] * mask).sum() / mask.sum())
    gain = np.clip(float(wanted[0]) / max(middle, 1.0), 1.0, _CONTRAST)  # strands stay apart
    light = middle + gain * (lab[..., 0] - middle) + _LIGHT * (wanted[0] - middle)
    light = np.clip(light, 0, 100)
    # Hair in shade has less colour: it is as light and as colourful as what falls on it.
    rich = np.clip(light / max(float(wanted[0]), 1.0), 0.2, 1.2)[..., None]
    made = np.concatenate([light[..., None], wanted[1:] * rich], axis=2)
    lab += mask[..., None] * (made - lab)
    return only_where(portrait, mask, rgb_of(lab))
