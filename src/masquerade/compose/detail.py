"""A face enlarged with more detail than interpolation gives, by filters learned from faces.

Romano, Isidoro and Milanfar, "RAISR: rapid and accurate image super resolution" (2016): a cheap
enlargement is filtered at each pixel by a filter chosen by the direction, strength and coherence
of the gradient there, and by the pixel's place in its block of four. The filters were fitted by
least squares to portraits in the public domain, ``python -m train.detail``. What the result says
at the small size is then made the picture that was given (Irani and Peleg, "Improving resolution
by image registration", 1991), so that nothing is made up that the picture contradicts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, SourcePicture

SIDE: Final = 9  # pixels a side that a filter sees
ANGLES: Final = 16
STEPS: Final = 3  # of strength, and of coherence
BUCKETS: Final = ANGLES * STEPS * STEPS * 4
_ROWS: Final = 32  # filtered at a time
_TIMES_BACK: Final = 2
_ENOUGH: Final = 0.75  # of the size wanted
_MOST_DOUBLINGS: Final = 2
_MARGIN: Final = 0.75  # of the face's size, kept around it


@dataclass(frozen=True, slots=True)
class Filters:
    """What was learned.

    Attributes:
        weights: (576, 81) float32 a filter for each bucket.
        strengths: (2,) rising limits of the gradient's strength.
        coherences: (2,) rising limits of its coherence.
    """

    weights: NDArray[np.float32]
    strengths: NDArray[np.float32]
    coherences: NDArray[np.float32]


def enlarged(picture: SourcePicture, wanted_px: float) -> SourcePicture:
    """The picture of a face at twice or four times its size; itself where it is large enough.

    What lies far from the face is cut away. Whose face it is was measured before, and stays.

    Args:
        picture: Of the source.
        wanted_px: Size of the face that it is to be laid over.
    """
    size = picture.face.size_px
    if size >= _ENOUGH * wanted_px:
        return picture
    margin = _MARGIN * size
    low, high = picture.face.box[:2], picture.face.box[2:]
    x0, y0 = (max(0, int(side - margin)) for side in low)
    x1, y1 = (
        min(most, int(side + margin) + 1)
        for side, most in zip(high, picture.pixels.shape[1::-1], strict=True)
    )
    pixels = np.ascontiguousarray(picture.pixels[y0:y1, x0:x1])
    landmarks = picture.face.landmarks - np.array([x0, y0, 0], np.float32)
    for _ in range(_MOST_DOUBLINGS):
        pixels = doubled(pixels)
        landmarks = 2 * landmarks + np.array([0.5, 0.5, 0], np.float32)
        size *= 2
        if size >= _ENOUGH * wanted_px:
            break
    left, top = landmarks[:, :2].min(axis=0)
    right, bottom = landmarks[:, :2].max(axis=0)
    box = (float(left), float(top), float(right), float(bottom))
    face = replace(picture.face, box=box, landmarks=landmarks.astype(np.float32))
    return replace(picture, pixels=pixels, face=face)


def doubled(picture: RGB) -> RGB:
    """(2 h, 2 w, 3) uint8 the picture at twice its size.

    Args:
        picture: (h, w, 3) uint8, a face with little around it: a megapixel takes seconds.
    """
    height, width = picture.shape[:2]
    large = cv2.resize(picture, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    tones = cv2.cvtColor(np.asarray(large, np.uint8), cv2.COLOR_RGB2YCrCb)
    light = filtered(tones[..., 0].astype(np.float32), learned())
    wanted = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)[..., 0].astype(np.float32)
    for _ in range(_TIMES_BACK):
        seen = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
        light += cv2.resize(wanted - seen, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    tones[..., 0] = np.clip(np.rint(light), 0, 255)
    return np.asarray(cv2.cvtColor(tones, cv2.COLOR_YCrCb2RGB), np.uint8)


def filtered(large: NDArray[np.float32], known: Filters) -> NDArray[np.float32]:
    """(h, w) float32 a cheap enlargement, each pixel through the filter of its bucket.

    Args:
        large: (h, w) brightness in [0, 255].
        known: The filters.
    """
    number = buckets(large, known.strengths, known.coherences)
    patches = surroundings(large)
    out = np.empty_like(large)
    for top in range(0, len(large), _ROWS):
        rows = slice(top, top + _ROWS)
        seen = patches[rows].reshape(-1, SIDE * SIDE)
        used = known.weights[number[rows].ravel()]
        out[rows] = np.einsum("nk,nk->n", seen, used).reshape(number[rows].shape)
    return out


def surroundings(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, 9, 9) view: each pixel and those around it."""
    padded = cv2.copyMakeBorder(picture, *(SIDE // 2,) * 4, cv2.BORDER_REFLECT_101)
    return np.lib.stride_tricks.sliding_window_view(np.asarray(padded), (SIDE, SIDE))


def gradients(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Angle in [0, 1), strength in levels a pixel, and coherence in [0, 1], (h, w) each.

    Those of the structure tensor over some pixels.
    """
    across, down = (
        np.asarray(cv2.Sobel(picture, cv2.CV_32F, 1 - k, k, scale=1 / 8)) for k in (0, 1)
    )
    xx, yy, xy = (
        np.asarray(cv2.GaussianBlur(one, (SIDE, SIDE), 2.0))
        for one in (across * across, down * down, across * down)
    )
    apart = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
    long, short = np.sqrt((xx + yy + apart) / 2), np.sqrt(np.maximum(xx + yy - apart, 0) / 2)
    angle = (np.arctan2(2 * xy, xx - yy) / (2 * np.pi)) % 1.0
    return angle, long, (long - short) / (long + short + 1e-3)


def buckets(
    large: NDArray[np.float32], strengths: NDArray[np.float32], coherences: NDArray[np.float32]
) -> NDArray[np.intp]:
    """(h, w) the number of each pixel's filter.

    Args:
        large: (h, w) brightness in [0, 255], of twice the size of what it was made from.
        strengths: (2,) limits.
        coherences: (2,) limits.
    """
    angle, strength, coherence = gradients(large)
    height, width = large.shape
    place = 2 * (np.arange(height) % 2)[:, None] + np.arange(width) % 2
    way = np.minimum((angle * ANGLES).astype(np.intp), ANGLES - 1)
    strong, clear = np.searchsorted(strengths, strength), np.searchsorted(coherences, coherence)
    return np.asarray(((way * STEPS + strong) * STEPS + clear) * 4 + place, np.intp)


@cache
def learned() -> Filters:
    """The filters that come with the program; read once, arrays are read-only."""
    with files("masquerade.compose").joinpath("detail.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        made = Filters(
            stored["weights"].astype(np.float32),
            stored["strengths"].astype(np.float32),
            stored["coherences"].astype(np.float32),
        )
    for array in (made.weights, made.strengths, made.coherences):
        array.flags.writeable = False
    return made
