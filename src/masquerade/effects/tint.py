"""Colours laid over parts of a face, with its shading kept."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.types import RGB, Mask

_LEAST: Final = 1 / 512  # of a mask: below this, not even a level of 255 may change
_FINE: Final = 0.02  # units: finer light and dark is that of strands and folds
_LEAST_RICH: Final = 0.25  # of a colour, in the deepest shade

Floats = NDArray[np.float32]


def lab_of(pixels: RGB | Floats) -> Floats:
    """(h, w, 3) float32 CIE Lab, L in [0, 100], of RGB in [0, 255]."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def rgb_of(lab: Floats) -> Floats:
    """(h, w, 3) float32 RGB in [0, 255] of CIE Lab."""
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255, np.float32)


def shifted(portrait: Portrait, mask: Mask, shift: tuple[float, float, float]) -> Portrait:
    """The portrait with a part of it darker or lighter, greener or redder, bluer or yellower.

    Args:
        portrait: The face.
        mask: (h, w) in [0, 1], how much of the shift each pixel gets.
        shift: Added to L, a and b of CIE Lab; L stays within what it can be.
    """
    lab = lab_of(portrait.pixels)
    amount = mask[..., None] * np.asarray(shift, np.float32)
    lab = lab + amount
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return only_where(portrait, mask, rgb_of(lab))


def coloured(
    portrait: Portrait,
    mask: Mask,
    colour: tuple[int, int, int],
    *,
    light: float = 0.5,
    contrast: float = 1.0,
) -> Portrait:
    """The portrait with a part of it in another colour.

    Where less light falls than the colour needs, it is less rich: eyes in shade do not glow.

    Args:
        portrait: The face.
        mask: (h, w) in [0, 1], how much of the colour each pixel takes on.
        colour: RGB in [0, 255].
        light: How far the part becomes as light as the colour, on the whole; its own light and
            dark stays in any case.
        contrast: How much stays of its own light and dark, finer than which all stays: below 1,
            the colour covers what is below it, as paint does.
    """
    lab = lab_of(portrait.pixels)
    wanted = lab_of(np.array([[colour]], np.uint8))[0, 0]
    weight = float(mask.sum())
    middle = float((lab[..., 0] * mask).sum()) / weight if weight else wanted[0]
    own = (contrast - 1) * (_wide(lab[..., 0], mask, portrait) - middle)
    lab[..., 0] = np.clip(lab[..., 0] + mask * (light * (wanted[0] - middle) + own), 0, 100)
    lit = middle + light * (float(wanted[0]) - middle)
    rich = np.clip(lit / max(float(wanted[0]), 1.0), _LEAST_RICH, 1)
    lab[..., 1:] += mask[..., None] * (wanted[1:] * rich - lab[..., 1:])
    return only_where(portrait, mask, rgb_of(lab))


def _wide(light: Floats, mask: Mask, portrait: Portrait) -> Floats:
    """(h, w) the mean lightness of the part around each pixel."""
    weight = portrait.softened(mask, _FINE)
    around = portrait.softened(light * mask, _FINE) / np.maximum(weight, 1e-3)
    return np.asarray(around, np.float32)


def only_where(portrait: Portrait, mask: Mask, made: Floats) -> Portrait:
    """The portrait with new pixels where a mask is not 0: the way to Lab and back must not show.

    Args:
        portrait: The face.
        mask: (h, w) in [0, 1].
        made: (h, w, 3) float32 RGB in [0, 255].
    """
    here = (mask > _LEAST)[..., None]
    return portrait.with_pixels(np.where(here, made, portrait.pixels.astype(np.float32)))
