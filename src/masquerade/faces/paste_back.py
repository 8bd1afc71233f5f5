"""A crop that a network has changed, taken back to its place in the frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.faces.align import Affine
from masquerade.faces.staging import ramp
from masquerade.types import RGB, Mask, PixelBox

_EDGE: Final = 0.05  # of a crop's side, left out at its edges, and as much again made soft


@dataclass(frozen=True, slots=True)
class Pasted:
    """A changed crop in its place in the frame.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        inside: (h, w) float32 in [0, 1], 1 well inside the crop, 0 at its edges and beyond.
        mask: (h, w) float32 in [0, 1], the mask that was given; None where there was none.
    """

    pixels: RGB
    inside: Mask
    mask: Mask | None


def paste_back(picture: RGB, mask: Mask | None, crop_from_frame: Affine, box: PixelBox) -> Pasted:
    """The part of the frame that a box holds, filled from a crop.

    Args:
        picture: (n, n, 3) uint8 RGB, the crop.
        mask: (n, n) float32 in [0, 1].
        crop_from_frame: (2, 3).
        box: Part of the frame; where the crop does not reach, its last pixels are repeated.
    """
    crop_from_box = crop_from_frame.copy()
    crop_from_box[:, 2] += crop_from_frame[:, :2] @ np.array(box[:2], np.float64)
    shrink = int(scale_of(crop_from_box))
    if shrink >= 2:  # plain sampling would skip pixels
        side = max(2, len(picture) // shrink)
        crop_from_box = resized(crop_from_box, side / len(picture))
        shown = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        picture = np.asarray(shown, np.uint8)
        if mask is not None:
            kept = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
            mask = np.asarray(kept, np.float32)
    size_wh = (box[2] - box[0], box[3] - box[1])
    how = cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if shrink < 1 else cv2.INTER_LINEAR)
    edge = cv2.BORDER_REPLICATE
    pixels = cv2.warpAffine(picture, crop_from_box, size_wh, flags=how, borderMode=edge)
    return Pasted(
        pixels=np.asarray(pixels, np.uint8),
        inside=_taken(_inside(len(picture)), crop_from_box, size_wh),
        mask=None if mask is None else _taken(mask, crop_from_box, size_wh),
    )


def resized(crop_from_frame: Affine, factor: float) -> Affine:
    """The transform into a crop `factor` times as large; the edges of both show the same."""
    large = crop_from_frame * factor
    large[:, 2] += (factor - 1) / 2  # pixel centres lie at whole numbers
    return large


def scale_of(transform: Affine) -> float:
    """Pixels of the result for each pixel of what it is made from."""
    return float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))


def _taken(mask: Mask, crop_from_box: Affine, size_wh: tuple[int, int]) -> Mask:
    how = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(mask, crop_from_box, size_wh, flags=how), np.float32)


def _inside(side: int) -> Mask:
    """(side, side) 0 at the edges of a crop, 1 from twice `_EDGE` on, smooth between."""
    places = np.arange(side, dtype=np.float32)
    from_edge = np.minimum(places, side - 1 - places) / np.float32(side * _EDGE)
    soft = ramp(np.asarray(from_edge, np.float32) - np.float32(1))
    return np.asarray(soft[:, None] * soft[None, :], np.float32)
