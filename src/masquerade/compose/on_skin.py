"""The frame's light laid on skin in proportion, so that folds and shine keep a skin's colours.

Light that is added leaves every difference from plain skin as it was. On a face that becomes much
darker that takes more of green and blue than a fold has left of them: it turns orange. On one that
becomes much brighter, folds turn grey and what shines is burnt out. So what is darker than plain
skin is kept as a share of it, smaller ones the brighter the skin becomes (light that skin reflects
fills its folds), and what is brighter as a difference that never passes white.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.buffers import Buffers
from masquerade.compose.light import Picture, rows_enlarged
from masquerade.types import RGB, Mask

_FLOOR: Final = 10.0  # levels added to both: nothing is a share of nearly nothing
_STEPS: Final = 80.0  # of the tables, for as bright as plain skin
_FILLED: Final = 0.5  # how much shallower folds are for each e times that skin is brighter
_SHALLOWEST: Final = 0.55  # exponent of a share, at least
_HAIR: Final = (-2.5, -1.6)  # logarithm of a share, up to which it is hair and from which a fold
_MIDDLE: Final = (0.9, 1.1)  # of plain skin's brightness, between which shares become differences
_REDDER: Final = 0.2  # less green in its red than skin has, at which anything is lit as skin is
_ALIKE: Final = (0.2, 0.45)  # logarithm of skin after over before, from which on all this is done
_BAND: Final = 32  # rows that are lit at once: what they need stays near the processor
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)


def needed(before: Picture, after: Picture, weight: Mask) -> tuple[float, tuple[float, float]]:
    """How much of all this is to be done, in [0, 1], and how bright skin is before and after.

    Nothing is done where skin hardly changes.

    Args:
        before: (n, m, 3) the patch's plain skin in [0, 255].
        after: (n, m, 3) what becomes of it.
        weight: (n, m) what counts.
    """
    was, becomes = (_mean(one, weight) for one in (before, after))
    apart = np.log((np.maximum(becomes, 1) + _FLOOR) / (was + _FLOOR))
    much = float(np.interp(np.abs(apart).max(), _ALIKE, (0, 1)))
    return much, (float(_LUMA @ was), float(_LUMA @ becomes))


def lit_as_skin(
    plain: Picture,
    pixels: RGB | Picture,
    before: Picture,
    after: Picture,
    skin: Mask,
    share: Mask,
    *,
    levels: tuple[float, float],
    ratio: Picture | None = None,
    buffers: Buffers | None = None,
) -> Picture:
    """(h, w, 3) float32 a patch whose skin takes on light in proportion; in place of `plain`.

    Args:
        plain: (h, w, 3) the patch with light added, which stays where there is no skin.
        pixels: (h, w, 3) in [0, 255] the patch without it.
        before: (32, 32, 3) its plain skin, broadly; at least 0.
        after: (32, 32, 3) what becomes of that.
        skin: (h, w) where it is; lips and lids, which are redder than it, are lit as it is, too.
        share: (h, w) how much is done.
        levels: Brightness of plain skin before and after, in [0, 255].
        ratio: (32, 32, 3) what the patch is multiplied by first, as `before` already is.
        buffers: Memory to work in; fresh memory where none is given.
    """
    memory = buffers or Buffers()
    before, after = before + np.float32(_FLOOR), np.maximum(after, 1) + np.float32(_FLOOR)
    grown, tables = after / before, _tables(levels[0] + _FLOOR, max(levels[1], 1) + _FLOOR)
    height, width = share.shape
    for top in range(0, height, _BAND):
        rows = slice(top, min(top + _BAND, height))
        shape = (rows.stop - rows.start, width)
        broad, patch = (memory.picture(name, shape) for name in ("broad", "patch"))
        if ratio is None:
            np.copyto(patch, pixels[rows])
        else:
            rows_enlarged(ratio, (width, height), rows, broad)
            cv2.multiply(broad, pixels[rows], dst=patch, dtype=cv2.CV_32F)
        patch += np.float32(_FLOOR)
        rows_enlarged(before, (width, height), rows, broad)
        below = memory.picture("below", shape)
        cv2.divide(patch, broad, dst=below)
        shares = np.asarray(cv2.convertScaleAbs(below, alpha=_STEPS), np.uint8)
        above = np.subtract(patch, broad, out=broad)
        rows_enlarged(grown, (width, height), rows, below)
        cv2.multiply(patch, below, dst=patch)
        rows_enlarged(after, (width, height), rows, below)
        made = _relit(patch, above, below, shares, tables)
        much = np.asarray(share[rows] * _like_skin(shares, skin[rows]), np.float32)
        cv2.blendLinear(made, plain[rows], much, 1 - much, dst=plain[rows])
    return plain


def _relit(
    multiplied: Picture, above: Picture, after: Picture, shares: RGB, tables: _Tables
) -> Picture:
    """(h, w, 3) float32 rows of a patch, each pixel as a share or as a difference; in `multiplied`.

    Args:
        multiplied: (h, w, 3) by as much as skin is.
        above: (h, w, 3) what it had more than plain skin; it is used up.
        after: (h, w, 3) what plain skin becomes; it is used up.
        shares: (h, w, 3) of plain skin, in `_STEPS`.
        tables: Over those.
    """
    light = np.asarray(cv2.cvtColor(shares, cv2.COLOR_RGB2GRAY), np.uint8)
    fold, bend, high = (
        np.asarray(cv2.LUT(light, table), np.float32)
        for table in (tables.fold, tables.bend, tables.high)
    )
    cv2.multiply(above, cv2.merge((bend, bend, bend)), dst=above)
    above += after
    filled = cv2.multiply(multiplied, cv2.LUT(shares, tables.fill), dst=after)
    cv2.blendLinear(filled, multiplied, fold, 1 - fold, dst=multiplied)
    cv2.blendLinear(above, multiplied, high, 1 - high, dst=multiplied)
    multiplied -= np.float32(_FLOOR)
    return multiplied


def _like_skin(shares: RGB, skin: Mask) -> Mask:
    """(h, w) float32 in [0, 1]: skin, and what is redder than skin."""
    red, green = (cv2.extractChannel(shares, number) for number in (0, 1))
    red = np.maximum(red, 1)  # of nothing by nothing, no share would be left to clip
    less = 1 - cv2.divide(green, red, dtype=cv2.CV_32F)  # both are shares of plain skin's
    redder = np.maximum(less * np.float32(1 / _REDDER), skin)
    return np.asarray(np.minimum(np.maximum(redder, 0, out=redder), 1, out=redder), np.float32)


@dataclass(frozen=True, slots=True)
class _Tables:
    """(256,) float32 each, over shares of plain skin.

    Attributes:
        fill: By how much folds become shallower.
        fold: How much of that is done; hair is left as dark as it is.
        bend: By how much differences become smaller.
        high: Whether it is brighter than plain skin.
    """

    fill: NDArray[np.float32]
    fold: NDArray[np.float32]
    bend: NDArray[np.float32]
    high: NDArray[np.float32]


def _tables(before: float, after: float) -> _Tables:
    """For plain skin that becomes as bright as that; both with `_FLOOR` on top."""
    shares = np.maximum(np.arange(256, dtype=np.float32), 1) / np.float32(_STEPS)
    depth = np.log(shares)
    exponent = float(np.clip(1 - _FILLED * np.log(after / before), _SHALLOWEST, 1))
    white = 255 + _FLOOR
    was, left = (max(white - one, 1.0) for one in (before, after))
    above = np.maximum(shares - 1, 0) * before
    made = (
        np.exp(np.maximum(depth, _HAIR[0]) * (exponent - 1)),
        np.clip((depth - _HAIR[0]) / (_HAIR[1] - _HAIR[0]), 0, 1),
        1 / (1 + above * max(was / left - 1, 0) / was),
        np.clip((shares - _MIDDLE[0]) / (_MIDDLE[1] - _MIDDLE[0]), 0, 1),
    )
    return _Tables(*(np.asarray(one, np.float32) for one in made))


def _mean(picture: Picture, weight: Mask) -> NDArray[np.float32]:
    total = max(float(weight.sum()), 1e-6)
    return np.asarray(np.einsum("ijk,ij->k", picture, weight) / total, np.float32)
