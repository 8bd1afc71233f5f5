"""Ears that a mask of people leaves out, told by the skin's colour.

The network sees people at 256 pixels a side: an ear that stands off before a busy background is
lost at times, and a head without an ear is seen at once.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.skin_tone import BARE, SkinTone
from masquerade.effects.tint import lab_of
from masquerade.types import Mask

_WORK_PX: Final = 48.0  # between the eyes' outer corners, at which ears are looked for
_BEYOND: Final = (0.02, 0.42)  # units beside the face, between which ears lie
_TALL: Final = (-0.25, 0.85)  # units under the brows, between which they do
_SKIN: Final = (1.6, 2.6)  # spreads from the skin's colour: surely skin, and surely none
_OTHER: Final = 2.8  # the same of what is behind, from which it is told from skin
_FOLDS: Final = 0.06  # units: folds of an ear are redder or darker than skin
_NONE: Final = 0.1  # of a person, below which a pixel shows what is behind
_NEARBY: Final = 0.5  # units within which that is asked for
_LEAST: Final = 0.02  # of these, that have to be known

Floats = NDArray[np.float32]


def ears_of(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: skin beside the face where ears are, and what is behind is no skin.

    Args:
        portrait: The face, with what is known of people.
    """
    height, width = portrait.pixels.shape[:2]
    small = portrait.smaller(min(1.0, _WORK_PX / portrait.unit))
    people, lab = small.people, lab_of(small.pixels)
    tone = SkinTone.of(lab, small.area(BARE, 0.005) > 0.5)
    if people is None or tone is None:
        return np.zeros((height, width), np.float32)
    apart = tone.apart(lab)
    size = 2 * round(_NEARBY * small.unit) + 1
    none = (people < _NONE).astype(np.float32)
    known = cv2.blur(none, (size, size))
    behind = cv2.blur(apart * none, (size, size)) / np.maximum(known, _LEAST)
    told = np.clip(behind - _OTHER + 0.5, 0, 1) * (known > _LEAST)
    low, high = _SKIN
    skin = np.asarray(np.clip((high - apart) / (high - low), 0, 1), np.float32)
    found = _hanging(skin, people) * told * _beside(small)
    whole = np.maximum(found, people)
    size = 2 * round(_FOLDS * small.unit) + 1
    closed = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    near = cv2.dilate((found > 0.3).astype(np.uint8), np.ones((size, size), np.uint8))
    found = np.asarray(closed * near * _beside(small), np.float32)
    wide = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32)


def _beside(small: Portrait) -> Floats:
    """(h, w) 1 where ears may be."""
    rows, columns = np.indices(small.pixels.shape[:2], np.float32)
    left, down = small.axes
    x, y = columns - small.points[168, 0], rows - small.points[168, 1]
    across, under = (x * left[0] + y * left[1]), (x * down[0] + y * down[1])
    sides = (small.points[[234, 454]] - small.points[168]) @ left
    beyond = np.maximum(sides.min() - across, across - sides.max()) / small.unit
    under = under / small.unit
    fits = (beyond > _BEYOND[0]) & (beyond < _BEYOND[1]) & (under > _TALL[0]) & (under < _TALL[1])
    return np.asarray(fits, np.float32)


def _hanging(found: Mask, people: Mask) -> Mask:
    """What of it hangs together with somebody."""
    _, labels = cv2.connectedComponents((found > 0.3).astype(np.uint8))
    body = cv2.dilate((people > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    touched = np.setdiff1d(labels[body], [0])
    near = cv2.dilate(np.isin(labels, touched).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(found * near, np.float32)
