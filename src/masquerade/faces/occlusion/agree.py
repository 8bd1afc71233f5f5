"""Where on a face's map something is in front: each pixel's own signs, and its neighbours'.

Mean field of a binary random field with neighbours that tend to agree (Krähenbühl and Koltun,
"Efficient inference in fully connected CRFs", 2011, with a spatial kernel only). Where colours of
what was found are known, pixels of the same colours close by are drawn to it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.small_map import Tones, regions
from masquerade.types import Mask

SURE: Final = 2.2  # distance from the bare face of which anything in front shows some
LEAST_SURE: Final = 8  # pixels of the map that are so far away at least
_STEEP: Final = 2.2  # log odds for one unit of distance from the bare face
_EVEN: Final = 0.75  # distance at which both are as likely
_TOGETHER: Final = 7.0  # log odds that neighbours are worth
_REACH: Final = 1.6  # pixels of the map over which they are asked
_ROUNDS: Final = 6
_LEAST: Final = 15  # pixels of the map that must be found before their colours are asked
_COLOUR: Final = 1.6  # weight of the odds of colours
_BESIDE: Final = 2.5  # pixels of the map up to which colours draw others in
_BINS: Final = (32, 32, 32)
_ORIGIN: Final = np.array([2.5, -0.4, -0.6], np.float32)
_PER_TONE: Final = np.array([10, 22, 22], np.float32)
_RARE: Final = 2e-4


def anything(apart: Mask) -> bool:
    """Whether anywhere enough pixels are far enough from the bare face to ask further.

    Args:
        apart: (64, 64) distances from the bare face.
    """
    return bool(np.count_nonzero(apart > SURE) >= LEAST_SURE)


def agreed(apart: Mask) -> Mask:
    """(64, 64) float32 probability that something lies in front.

    Args:
        apart: (64, 64) distances from the bare face.
    """
    odds = _own_odds(apart)
    return _settled(odds, _probability(odds), _ROUNDS)


def agreed_with_colours(apart: Mask, seen: Tones) -> tuple[Mask, NDArray[np.float32] | None]:
    """The same with colours asked, and (32, 32, 32) log odds of colours; None: nothing was found.

    Args:
        apart: (64, 64) distances from the bare face.
        seen: (64, 64, 3) tones of the frame's map, as they are.
    """
    odds = _own_odds(apart)
    found = _settled(odds, _probability(odds), _ROUNDS)
    inside = regions().face
    flat = bins(seen)
    table: NDArray[np.float32] | None = None
    for _ in range(3):
        if np.count_nonzero(found > 0.5) < _LEAST:
            return found, table
        table = _odds_of_colours(flat[inside], found[inside])
        drawn = table.ravel()[flat]
        beside = cv2.GaussianBlur((found > 0.5).astype(np.float32), (0, 0), _BESIDE)
        share = np.where(drawn > 0, np.clip(beside / 0.15, 0, 1), 0.7)
        found = _settled(odds + _COLOUR * drawn * share, found, 4)
    return found, table


def bins(seen: Tones) -> NDArray[np.int32]:
    """(h, w) int32 which entry of a table of colours each pixel's tones belong to.

    Args:
        seen: (h, w, 3).
    """
    at = np.clip((seen - _ORIGIN) * _PER_TONE + 0.5, 0, _BINS[0] - 1).astype(np.int32)
    return np.asarray((at[..., 0] * _BINS[1] + at[..., 1]) * _BINS[2] + at[..., 2])


def _own_odds(apart: Mask) -> NDArray[np.float32]:
    odds = _STEEP * (np.minimum(apart, 3) - _EVEN)
    moving = 1 - 0.8 * np.clip(regions().moving, 0, 1)  # looking like a mouth says little there
    return np.asarray(np.where(odds < 0, odds * moving, odds), np.float32)


def _probability(odds: NDArray[np.float32]) -> Mask:
    made = 1 / (1 + np.exp(-np.clip(odds, -20, 20)))
    return np.asarray(made * regions().face, np.float32)


def _settled(odds: NDArray[np.float32], found: Mask, rounds: int) -> Mask:
    for _ in range(rounds):
        around = cv2.GaussianBlur(found, (0, 0), _REACH) * _inverse_cover()
        found = _probability(odds + _TOGETHER * (around - np.float32(0.5)))
    return found


@cache
def _inverse_cover() -> Mask:
    inside = regions().face.astype(np.float32)
    cover = cv2.GaussianBlur(inside, (0, 0), _REACH)
    return np.asarray(1 / np.maximum(cover, 1e-3), np.float32)


def _odds_of_colours(flat: NDArray[np.int32], found: Mask) -> NDArray[np.float32]:
    front = _histogram(flat, found**2)
    face = _histogram(flat, (1 - found) ** 2)
    return np.clip(np.log((front + _RARE) / (face + _RARE)), -2.5, 2.5)


def _histogram(flat: NDArray[np.int32], weights: Mask) -> NDArray[np.float32]:
    counts = np.bincount(flat, weights, _BINS[0] * _BINS[1] * _BINS[2]).astype(np.float32)
    table = counts.reshape(_BINS)
    for axis in range(3):
        turned = np.moveaxis(table, axis, 0)
        soft = turned.copy()
        soft[1:] += np.float32(0.6) * turned[:-1]
        soft[:-1] += np.float32(0.6) * turned[1:]
        table = np.moveaxis(soft, 0, axis)
    return np.asarray(table / max(float(table.sum()), 1.0), np.float32)
