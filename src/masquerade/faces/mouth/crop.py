"""What a network that draws a mouth is given: the mouth as it was drawn, and its shapes.

Its pictures are the part of the mouth's map that is painted, a square.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mouth.unrolled import mouth_layout
from masquerade.models.trained.lips_shape import REACH, STEP_S
from masquerade.types import RGB, Mask

Floats = NDArray[np.float32]

SIDE: Final = 104
"""Of the square, in pixels of the map: all that `MouthLayout.mouth` covers lies in it."""
_TOP: Final = 0
_LEFT: Final = 28
_SEAM_PX: Final = 2.0  # over which the frame's own skin goes over into what is drawn


def cut(on_map: NDArray[np.uint8] | Floats) -> NDArray[np.uint8] | Floats:
    """(104, 104, ...) the square of something on the map.

    Args:
        on_map: (144, 160, ...).
    """
    return on_map[_TOP : _TOP + SIDE, _LEFT : _LEFT + SIDE]


def given(drawn: Floats, seen: RGB) -> Floats:
    """(104, 104, 3) float32 in [0, 1]: a mouth as it was drawn, within the frame's own skin.

    Args:
        drawn: (144, 160, 3) on the map, in the light of the frame, in [0, 255].
        seen: (144, 160, 3) uint8 the frame's own lower face on the map; its lips do not show.
    """
    hidden = _hidden()[..., None]
    around = np.asarray(cut(seen), np.float32)
    mixed = around + hidden * (np.asarray(cut(drawn), np.float32) - around)
    return np.asarray(np.clip(mixed / 255, 0, 1), np.float32)


def placed(made: Floats, drawn: Floats) -> Floats:
    """(144, 160, 3) float32 the map with the square in its place, in [0, 255].

    Args:
        made: (104, 104, 3) in [0, 1].
        drawn: (144, 160, 3) in [0, 255].
    """
    whole = drawn.copy()
    whole[_TOP : _TOP + SIDE, _LEFT : _LEFT + SIDE] = made * np.float32(255)
    return whole


def told(shapes: Floats, times_s: NDArray[np.float64], at_s: NDArray[np.float64]) -> Floats:
    """(m, 50) float32 the shapes around some moments, as the network is told them.

    Args:
        shapes: (n, 10).
        times_s: (n,) of each, growing.
        at_s: (m,) the moments.
    """
    asked = at_s[:, None] + np.arange(-REACH, REACH + 1) * STEP_S
    place = np.interp(asked, times_s, np.arange(len(times_s)))
    low = place.astype(np.intp)
    share = (place - low).astype(np.float32)[..., None]
    high = np.minimum(low + 1, len(shapes) - 1)
    made = shapes[low] + share * (shapes[high] - shapes[low])
    return np.asarray(made.reshape(len(at_s), -1), np.float32)


@cache
def weight() -> Mask:
    """(104, 104) float32 in [0, 1] how much of the frame each pixel takes the place of."""
    return _fixed(np.asarray(cut(mouth_layout().mouth), np.float32).copy())


@cache
def _hidden() -> Mask:
    """(104, 104) float32, 1 on the lips and the skin around them."""
    known = mouth_layout()
    lips = cv2.dilate(known.lips, np.ones((5, 5), np.uint8)) > 0
    whole = (lips | known.ring).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(whole, (0, 0), _SEAM_PX), np.float32)
    return _fixed(np.asarray(cut(soft), np.float32).copy())


def _fixed(mask: Mask) -> Mask:
    mask.flags.writeable = False
    return mask
