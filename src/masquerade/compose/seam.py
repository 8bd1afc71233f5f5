"""A matched patch blended into the frame along its mask, so that no edge shows."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import cv2
import numpy as np

from masquerade.compose.buffers import Buffers
from masquerade.compose.light import SMALL, Picture, halved, small_copy, weighted
from masquerade.types import RGB, Mask

Seam: TypeAlias = Literal["multiband", "poisson", "feather"]

_BANDS: Final = 2  # of the quarter-size copy on which broad tones are faded
_LEAST_PX: Final = 64  # of a patch's shorter side, for broad tones to be faded by themselves


def put_in(
    pixels: Picture, behind: RGB, mask: Mask, *, how: Seam, buffers: Buffers | None = None
) -> RGB:
    """(h, w, 3) uint8 the frame's part with the patch in it; bit-exact where the mask is 0.

    Args:
        pixels: (h, w, 3) float32 the patch, matched; used up.
        behind: (h, w, 3) uint8 the frame there.
        mask: (h, w) in [0, 1].
        how: ``feather`` fades everything over the mask's own edge. ``multiband`` fades broad tones
            more widely than that. ``poisson`` shifts the patch so that tones meet at the edge.
        buffers: Memory to work in; fresh memory where none is given.
    """
    memory = buffers or Buffers()
    if how == "poisson":
        pixels -= _membrane(small_copy(pixels) - small_copy(behind), mask)
    under, blended = (memory.picture(name, mask.shape) for name in ("under", "blended"))
    np.copyto(under, behind)
    wide = how == "multiband" and min(mask.shape) >= _LEAST_PX
    apart = _widened(_levels(pixels, blended), behind, mask) if wide else None
    cv2.blendLinear(pixels, under, mask, 1 - mask, dst=blended)
    if apart is not None:
        height, width = mask.shape
        cv2.add(blended, cv2.resize(apart, (width, height), dst=under), dst=blended)
    made = _levels(blended, blended)
    inside = (mask > 0).astype(np.uint8)
    return np.asarray(cv2.copyTo(made, inside, behind.copy()), np.uint8)


def _levels(picture: Picture, work: Picture) -> RGB:
    """The picture rounded, and kept in [0, 255]; `work` is overwritten."""
    cv2.threshold(picture, 0, 0, cv2.THRESH_TOZERO, dst=work)
    return np.asarray(cv2.convertScaleAbs(work), np.uint8)


def _widened(pixels: RGB, behind: RGB, mask: Mask) -> Picture:
    """(h / 4, w / 4, 3) what fading broad tones more widely adds to a blend along the mask.

    Burt and Adelson, "A multiresolution spline" (1983). The mask's own edge is broader than the
    two finest bands, which are therefore faded along it; only the others are split, on a copy of
    a quarter of the size. The difference to the frame is split, not both pictures: the sum is the
    same. Before that it is taken to 0 outside the mask, so that what lies beyond has no say.
    """
    weight = halved(mask, 2)
    apart = cv2.subtract(halved(pixels, 2), halved(behind, 2), dtype=cv2.CV_32F)
    change = np.asarray(apart, np.float32)
    rest = weighted(change, np.minimum(weight * 4, 1))
    plain = weighted(rest, weight)
    bands: list[Picture] = []
    weights = [weight]
    for _ in range(_BANDS):
        smaller = np.asarray(cv2.pyrDown(rest), np.float32)
        rest -= _enlarged(smaller, rest)
        bands.append(rest)
        weights.append(np.asarray(cv2.pyrDown(weights[-1]), np.float32))
        rest = smaller
    out = weighted(rest, weights[-1])
    for band, share in zip(reversed(bands), reversed(weights[:-1]), strict=True):
        out = weighted(band, share) + _enlarged(out, band)
    return out - plain


def _enlarged(small: Picture, like: Picture) -> Picture:
    height, width = like.shape[:2]
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _membrane(change: Picture, mask: Mask) -> Picture:
    """(h, w, 3) a membrane that takes the value of the change along the mask's edge.

    Perez et al., "Poisson image editing" (2003), in the form of a membrane (Farbman et al. 2009),
    solved on a small copy because it is smooth.
    """
    height, width = mask.shape
    inside = small_copy(mask) > 0.5
    rim = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > inside
    if not rim.any():
        return np.zeros((height, width, 3), np.float32)
    membrane = np.where(rim[..., None], change, change[rim].mean(axis=0)).astype(np.float32)
    free = inside[..., None]
    kernel = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for _ in range(4 * SMALL):
        membrane = np.where(free, cv2.filter2D(membrane, -1, kernel), membrane)
    return np.asarray(cv2.resize(membrane, (width, height)), np.float32)
