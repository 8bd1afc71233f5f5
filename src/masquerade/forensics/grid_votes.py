"""Which grid of 8 x 8 blocks each pixel of a picture was stored on, and whether that is chance.

JPEG leaves many coefficients of a block at zero. Every pixel votes for the one of 64 origins at
which the block around it has most of them (Nikoukhah et al., "ZERO: a local JPEG grid origin
detector based on the number of DCT zeros", IPOL 2021). An area is believed only where so many equal
votes would be expected less than once by chance in all areas that could have been looked at; the
tail of the binomial law is bounded as Hoeffding does (1963).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

ORIGINS: Final = 64
_ZERO: Final = 0.5
_SIDE: Final = 8
_AGREE: Final = 0.2  # share of the votes around a cell from which it belongs to an area
_LEAST_CELLS: Final = 9
_REST: Final = 0.5  # share of the picture that must lie outside of the only area with a grid
_VOTED: Final = 0.15  # and how much of it must vote for anything
_CHANCES: Final = 2.0  # times chance that may vote for the area's grid there
_LN10: Final = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Grids:
    """What the votes of a picture come to.

    Attributes:
        origin: (x, y) of the picture's main grid, each 0 to 7; None where there is no grid.
        log10_nfa: Of the main grid: how often, as a power of ten, chance gives as many votes.
        foreign: (h, w) float32 in [0, 1]: share of votes for other origins in the cells of areas.
        box: Of the surest area of another grid, in pixels; None where there is none.
        foreign_log10_nfa: Of that area; 0 where there is none.
        foreign_origin: Its grid's origin.
    """

    origin: tuple[int, int] | None
    log10_nfa: float
    foreign: NDArray[np.float32]
    box: tuple[int, int, int, int] | None = None
    foreign_log10_nfa: float = 0.0
    foreign_origin: tuple[int, int] | None = None


def grids(luma: NDArray[np.float32]) -> Grids:
    """The grids that a picture was stored on.

    Args:
        luma: (H, W) float32 brightness, 0 to 255, at least 64 pixels a side.
    """
    shares = _shares(_votes(luma))
    cells = shares.shape[0] * shares.shape[1]
    totals = shares.sum(axis=(0, 1))
    main = int(np.argmax(totals))
    nfa = _log10_nfa(np.log10(ORIGINS), cells, float(totals[main]))
    empty = np.zeros(shares.shape[:2], np.float32)
    if nfa >= 0:
        return Grids(None, nfa, empty)
    best = Grids((main % _SIDE, main // _SIDE), nfa, empty)
    tests = np.log10(ORIGINS) + 2 * np.log10(cells)
    for origin in (one for one in range(ORIGINS) if one != main):
        best = _with_areas(best, shares[:, :, origin], origin, tests)
    return best if best.box is not None else _alone(best, shares, main, tests)


def _alone(best: Grids, shares: NDArray[np.float32], main: int, tests: float) -> Grids:
    """The grids, with the one area that has a grid at all where the rest votes and has none."""
    area = _with_areas(best, shares[:, :, main], main, tests)
    if area.box is None:
        return best
    x0, y0, x1, y1 = (value // _SIDE for value in area.box)
    outside = np.ones(shares.shape[:2], bool)
    outside[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = False
    if outside.mean() < _REST:
        return best
    voted = float(shares[outside].sum(axis=1).mean())
    same = float(shares[outside][:, main].mean())
    return area if voted >= _VOTED and same <= _CHANCES * voted / ORIGINS else best


def _with_areas(best: Grids, share: NDArray[np.float32], origin: int, tests: float) -> Grids:
    """The grids with the areas of one more origin."""
    agree = (cv2.blur(share, (3, 3)) >= _AGREE).astype(np.uint8)
    if int(agree.sum()) < _LEAST_CELLS:
        return best
    count, labels, stats, _ = cv2.connectedComponentsWithStats(agree, connectivity=8)
    for number in range(1, count):
        x, y, wide, high, size = (int(value) for value in stats[number])
        if size < _LEAST_CELLS:
            continue
        votes = float(share[y : y + high, x : x + wide].sum())
        nfa = _log10_nfa(tests, wide * high, votes)
        if nfa >= 0:
            continue
        foreign = np.maximum(best.foreign, np.where(labels == number, share, 0))
        if nfa < best.foreign_log10_nfa:
            box = (x * _SIDE, y * _SIDE, (x + wide) * _SIDE, (y + high) * _SIDE)
            where = (origin % _SIDE, origin // _SIDE)
            best = Grids(best.origin, best.log10_nfa, foreign, box, nfa, where)
        else:
            best = Grids(
                best.origin, best.log10_nfa, foreign, best.box, best.foreign_log10_nfa,
                best.foreign_origin,
            )  # fmt: skip
    return best


def _votes(luma: NDArray[np.float32]) -> NDArray[np.int16]:
    """(H, W) the origin each pixel votes for, x + 8 y; -1 where several are as good."""
    zeros = _zeros(luma)
    height, width = zeros.shape
    down, right = np.arange(height) % _SIDE, np.arange(width) % _SIDE
    number = np.add.outer(_SIDE * down, right).astype(np.uint16)
    kernel = np.ones((_SIDE, _SIDE), np.uint8)
    # A pixel belongs to the 64 blocks that begin up to 7 pixels above and left of it.
    last = cv2.dilate(zeros * ORIGINS + number, kernel, anchor=(_SIDE - 1, _SIDE - 1))
    first = cv2.dilate(zeros * ORIGINS + (63 - number), kernel, anchor=(_SIDE - 1, _SIDE - 1))
    alone = (last % ORIGINS == 63 - first % ORIGINS) & (last >= ORIGINS)
    return np.where(alone, (last % ORIGINS).astype(np.int16), np.int16(-1))


def _zeros(luma: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H - 7, W - 7) how many of 63 coefficients are zero in the block that begins there."""
    height, width = luma.shape
    count = np.zeros((height - 7, width - 7), np.uint16)
    wave = np.cos(np.pi * np.outer(np.arange(_SIDE), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))
    wave[0] *= np.sqrt(0.5)
    basis = np.asarray(wave * np.sqrt(2 / _SIDE), np.float32)
    one = np.ones((1, 1), np.float32)
    for across in range(_SIDE):
        rows = cv2.sepFilter2D(luma, cv2.CV_32F, basis[across], one, anchor=(0, -1))
        for down in range(_SIDE):
            if across or down:
                both = cv2.sepFilter2D(rows, cv2.CV_32F, one, basis[down], anchor=(-1, 0))
                count += np.abs(both[: height - 7, : width - 7]) < _ZERO
    return count


def _shares(votes: NDArray[np.int16]) -> NDArray[np.float32]:
    """(h, w, 64) share of votes for each origin in cells of 8 x 8 pixels."""
    high, wide = votes.shape[0] // _SIDE, votes.shape[1] // _SIDE
    cells = votes[: high * _SIDE, : wide * _SIDE].reshape(high, _SIDE, wide, _SIDE)
    flat = cells.transpose(0, 2, 1, 3).reshape(high * wide, ORIGINS).astype(np.intp)
    where = np.arange(high * wide)[:, None] * (ORIGINS + 1) + np.where(flat < 0, ORIGINS, flat)
    counted = np.bincount(where.ravel(), minlength=high * wide * (ORIGINS + 1))
    shares = counted.reshape(high, wide, ORIGINS + 1)[..., :ORIGINS] / np.float32(ORIGINS)
    return np.asarray(shares, np.float32)


def _log10_nfa(tests: float, cells: int, votes: float) -> float:
    """Log10 of the number of false alarms of `votes` equal votes (in cells) among `cells`."""
    share, chance = min(votes / max(cells, 1), 1 - 1e-9), 1 / ORIGINS
    if share <= chance:
        return float(tests)
    apart = share * np.log(share / chance) + (1 - share) * np.log((1 - share) / (1 - chance))
    return float(tests - cells * apart / _LN10)
