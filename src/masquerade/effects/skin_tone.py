"""How far colours are from those of somebody's skin, in light, in shade and where it shines.

Most of a face's colours differ by how much light falls on them; what tells hair, clothes and beards
from skin is hue and richness of colour. Where skin shines, white is added to it (Shafer, "Using
color to separate reflection components", 1985).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

BARE: Final = (
    (50, 118, 100, 142, 36, 205, 187),
    (280, 347, 329, 371, 266, 425, 411),
)
"""Rings of mesh points on the cheeks, where hardly a beard grows and no fringe falls."""
_LEAST: Final = (16.0, 3.0, 3.5)  # spreads of the skin's colours in CIE Lab, at least
_MOST: Final = (24.0, 6.0, 7.5)  # and at most: more comes of strands, or of coloured light
_SHINES: Final = 0.6  # of the distance from skin with white mixed in: shine is never quite white
_SEEN: Final = 0.15  # of white mixed in, from which shine is seen
_SMOOTH_FADES: Final = 0.8
_TO_SIGMA: Final = 1.48  # from the median of what lies off the middle to a spread
_WHITE: Final = 100.0

_FINE: Final = 0.006  # units: finer changes are noise,
_COARSE: Final = 0.03  # and wider ones shading
_AROUND: Final = 0.05  # over which they are gathered

SMOOTH: Final = 2.2
"""What `texture` gives, below which skin may shine; strands of hair change more."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SkinTone:
    """The colours of somebody's skin in CIE Lab.

    Attributes:
        middle: (3,) float32.
        spread: (3,) float32.
    """

    middle: Floats
    spread: Floats

    @classmethod
    def of(cls, lab: Floats, sure: NDArray[np.bool_]) -> Self | None:
        """The tone of what is surely skin; None where none is seen.

        Args:
            lab: (h, w, 3) the picture in CIE Lab.
            sure: (h, w) what of it is skin.
        """
        if not sure.any():
            return None
        colours = lab[sure]
        middle = np.median(colours, axis=0)
        off = np.median(np.abs(colours - middle), axis=0) * _TO_SIGMA
        spread = np.clip(off, _LEAST, _MOST)
        return cls(middle.astype(np.float32), spread.astype(np.float32))

    def apart(self, lab: Floats, *, shines: Floats | None = None) -> Floats:
        """(h, w) how many spreads each pixel lies from the skin's colours.

        Args:
            lab: (h, w, 3) the picture in CIE Lab.
            shines: (h, w) in [0, 1] where skin may shine, so that white may be mixed in; None:
                nowhere.
        """
        off = ((lab - self.middle) / self.spread) ** 2
        apart = np.sqrt(off.mean(axis=2))
        if shines is None:
            return np.asarray(apart, np.float32)
        room = max(_WHITE - float(self.middle[0]), 1.0)
        white = np.clip((lab[..., 0] - self.middle[0]) / room, 0, 1)
        bleached = self.middle[1:] * (1 - white[..., None])
        rest = ((lab[..., 1:] - bleached) / self.spread[1:]) ** 2
        mixed = np.minimum(apart, _SHINES * np.sqrt(rest.sum(axis=2) / 3))
        share = shines * np.clip(white / _SEEN, 0, 1)
        return np.asarray(apart + share * (mixed - apart), np.float32)


def smooth(light: Floats, unit: float) -> Floats:
    """(h, w) in [0, 1]: 1 where nothing changes from strand to strand, so that skin may shine.

    Args:
        light: (h, w) L of CIE Lab.
        unit: Distance of the eyes' outer corners in pixels.
    """
    soft = np.clip((SMOOTH - texture(light, unit)) / _SMOOTH_FADES + 0.5, 0, 1)
    return np.asarray(soft, np.float32)


def texture(light: Floats, unit: float) -> Floats:
    """(h, w) how much lightness changes from strand to strand, in levels of CIE Lab.

    Args:
        light: (h, w) L of CIE Lab.
        unit: Distance of the eyes' outer corners in pixels.
    """
    fine, coarse, around = (max(share * unit, 0.5) for share in (_FINE, _COARSE, _AROUND))
    detail = cv2.GaussianBlur(light, (0, 0), fine) - cv2.GaussianBlur(light, (0, 0), coarse)
    return np.asarray(cv2.GaussianBlur(np.abs(detail), (0, 0), around), np.float32)
