"""A matched patch blended into the frame along its mask, so that no edge shows."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import cv2
import numpy as np

from masquerade.compose.buffers import Buffers
from masquerade.compose.light import SMALL, Picture, halved, rows_enlarged, small_copy, weighted
from masquerade.types import RGB, Mask

Seam: TypeAlias = Literal["multiband", "poisson", "feather"]

_BANDS: Final = 2  # of the quarter-size copy on which broad tones are faded
_BAND_PX: Final = 4_000_000  # of a patch, which are blended at once
_LEAST_PX: Final = 64  # of a patch's shorter side, for broad tones to be faded by themselves


def put_in(
    pixels: RGB | Picture,
    behind: RGB,
    mask: Mask,
    *,
    how: Seam,
    buffers: Buffers | None = None,
) -> RGB:
    """(h, w, 3) uint8 the frame's part with the patch in it; bit-exact where the mask is 0.

    Large patches are blended a band of rows after the other, for floats take four times as much
    memory as the frame.

    Args:
        pixels: (h, w, 3) float32 the patch, matched, which is used up; or uint8.
        behind: (h, w, 3) uint8 the frame there.
        mask: (h, w) in [0, 1].
        how: ``feather`` fades everything over the mask's own edge. ``multiband`` fades broad tones
            more widely than that. ``poisson`` shifts the patch so that tones meet at the edge.
        buffers: Memory to work in; fresh memory where none is given.
    """
    memory = buffers or Buffers()
    height, width = mask.shape
    if how == "poisson":
        pixels = pixels.astype(np.float32, copy=False)
        pixels -= _membrane(small_copy(pixels) - small_copy(behind), mask)
    bands = _bands(height, width)
    wide = how == "multiband" and min(mask.shape) >= _LEAST_PX
    apart = None
    if wide:
        apart = _widened(_levels_of(pixels, bands, memory), behind, mask)
    made = behind.copy()
    for rows in bands:
        share = mask[rows]
        under, blended = (memory.picture(name, share.shape) for name in ("under", "blended"))
        np.copyto(under, behind[rows])
        patch = pixels[rows].astype(np.float32, copy=False)
        cv2.blendLinear(patch, under, share, 1 - share, dst=blended)
        if apart is not None:
            cv2.add(blended, rows_enlarged(apart, (width, height), rows, under), dst=blended)
        inside = (share > 0).astype(np.uint8)
        made[rows] = cv2.copyTo(_levels(blended, blended), inside, made[rows])
    return made


def _bands(height: int, width: int) -> list[slice]:
    step = max(_BAND_PX // width, 1)
    return [slice(top, min(top + step, height)) for top in range(0, height, step)]


def _levels_of(pixels: RGB | Picture, bands: list[slice], memory: Buffers) -> RGB:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    made = np.empty(pixels.shape, np.uint8)
    for rows in bands:
        made[rows] = _levels(
            np.asarray(pixels[rows], np.float32), memory.picture("blended", pixels[rows].shape[:2])
        )
    return made


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
