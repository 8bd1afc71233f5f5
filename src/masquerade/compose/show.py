"""A frame with the mask of its patches drawn over it, so that people can see where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from masquerade.media.colour import replace
from masquerade.types import RGB, Frame, Mask

LEGEND: Final = "green: replaced; pink: stays in front"
_REPLACED: Final = np.array([40, 200, 120], np.float32)
_IN_FRONT: Final = np.array([235, 60, 170], np.float32)
_TINT: Final = 0.4
_OUTLINE: Final = (255, 255, 255)


def mask_shown(frame: Frame, box: tuple[int, int, int, int], mask: Mask, held: Mask) -> Frame:
    """The frame tinted green where it is replaced, pink where something stays in front of that.

    Args:
        frame: As it was.
        box: Where the masks lie.
        mask: (h, w) in [0, 1] the weight of what is put in.
        held: (h, w) in [0, 1] the weight that was taken off because something lies in front.
    """
    x0, y0, x1, y1 = box
    part = frame.pixels[y0:y1, x0:x1].astype(np.float32)
    for weight, colour in ((mask, _REPLACED), (held, _IN_FRONT)):
        part += (_TINT * weight)[..., None] * (colour - part)
    drawn = np.clip(np.rint(part), 0, 255).astype(np.uint8)
    return replace(frame, _outlined(drawn, (mask, held)), box)


def _outlined(pixels: RGB, masks: Sequence[Mask]) -> RGB:
    width = max(1, round(min(pixels.shape[:2]) / 200))
    for mask in masks:
        inside = (mask > 0.5).astype(np.uint8)
        edges, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(pixels, edges, -1, _OUTLINE, width, cv2.LINE_AA)
    return pixels
