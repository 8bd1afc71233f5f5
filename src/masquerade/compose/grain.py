"""Noise of a picture, measured, and laid over what has too little of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import Mask

_TILE: Final = 256
_SIZES: Final = (0.0, 0.4, 0.6, 0.8)  # pixels: standard deviation of a grain; larger is texture
_USUAL: Final = 2  # of those, where there is too little noise to tell
_PALE: Final = 200.0  # brightness above which noise fades, as there is less and less room for it
_LEAST: Final = 0.25  # levels of noise below which none is laid
_LEAST_PIXELS: Final = 192  # of plain skin
_CALM: Final = 0.4  # share of the pixels that are looked at: the calmest
_AROUND: Final = 7  # pixels a side, over which a place is calm or not
_UNEVEN: Final = 1.5  # times the middling level, up to which another may be stronger
_COARSE: Final = (0.64, 0.74)  # size from which, and at which surely, it may be skin's own texture
_TILES: Final = 8  # pixels a side of the places around a face at which noise is looked for
_LEAST_TILES: Final = 24
_SEEN: Final = (25.0, 225.0)  # brightness of such a place
_ELSEWHERE: Final = (
    0.2,
    0.6,
)  # of the noise on skin, found around it, that tells texture and noise
_CALMEST: Final = 0.05  # quantile of those places: hair and cloth are detailed, too
_TELLS: Final = 0.15  # mean square of fine detail from which its size can be told
_MASK: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_TO_STD: Final = 1 / (0.6745 * 6)  # from the median answer to that mask to white noise


@dataclass(frozen=True, slots=True)
class Grain:
    """How a picture's noise looks.

    Attributes:
        lights: (3,) brightness in [0, 255] of dark, middling and bright skin, rising.
        levels: (3,) standard deviation of the noise there.
        size: Standard deviation of one grain in pixels; 0 is noise of single pixels.
    """

    lights: tuple[float, float, float] = (64.0, 128.0, 192.0)
    levels: tuple[float, float, float] = (0.0, 0.0, 0.0)
    size: float = _SIZES[_USUAL]

    def mixed(self, other: Self, share: float) -> Grain:
        """Between this noise (share 0) and another (share 1)."""

        def between(mine: tuple[float, ...], theirs: tuple[float, ...]) -> tuple[float, ...]:
            return tuple(a + share * (b - a) for a, b in zip(mine, theirs, strict=True))

        a, b, c = between(self.lights, other.lights)
        d, e, f = between(self.levels, other.levels)
        return Grain((a, b, c), (d, e, f), self.size + share * (other.size - self.size))

    def without_texture(self, frame: NDArray[np.float32], around: Mask) -> Grain:
        """The same, less what is skin's own: it is coarse, and found on the face alone.

        Pores of a face in a sharp photo look like grain there; a camera's grain is everywhere.

        Args:
            frame: (h, w) brightness in [0, 255] of a face and of what is around it.
            around: (h, w) above one half where nothing of the face is.
        """
        found = math.sqrt(_calm(frame, around) / _between(self.size, 1))
        if math.isnan(found):
            return self
        everywhere = float(np.interp(found / float(np.median(self.levels)), _ELSEWHERE, (0, 1)))
        left = 1 - self.coarse * (1 - everywhere)
        dark, middling, bright = (left * one for one in self.levels)
        return replace(self, levels=(dark, middling, bright))

    @property
    def coarse(self) -> float:
        """How sure its grains are so large that they may be skin's texture, in [0, 1]."""
        return float(np.interp(self.size, _COARSE, (0, 1))) if self.seen else 0.0

    @property
    def seen(self) -> bool:
        """True where there is enough of it to be laid over anything."""
        return max(self.levels) >= _LEAST


def grain_level(grey: NDArray[np.float32], weight: Mask) -> float:
    """Standard deviation of the noise in [0, 255] where `weight` is above one half.

    The median of the absolute response to a mask blind to edges and slopes (after Immerkaer,
    "Fast noise variance estimation", 1996, with a median for robustness).

    Args:
        grey: (h, w) in [0, 255].
        weight: (h, w) in [0, 1], plain skin at best.
    """
    answer = np.abs(np.asarray(cv2.filter2D(grey, -1, _MASK)))[weight > 0.5]
    return float(np.median(answer)) * _TO_STD if len(answer) >= 64 else 0.0


def grain_between(frame: NDArray[np.float32], patch: NDArray[np.float32], weight: Mask) -> Grain:
    """The noise that a frame has and a patch lacks, by brightness and by size.

    It is read where the skin is calmest, because pores, stubble and a codec's ringing are detail of
    single places, and noise is everywhere.

    Args:
        frame: (h, w) in [0, 255].
        patch: (h, w) in [0, 255], of the frame's sharpness.
        weight: (h, w) in [0, 1], plain skin at best.
    """
    counted = weight > 0.5
    if counted.sum() < _LEAST_PIXELS:
        return Grain()
    answers = [np.abs(cv2.filter2D(one, -1, _MASK)) for one in (frame, patch)]
    if _apart(answers, counted) < _LEAST:
        return Grain()
    light = np.asarray(cv2.blur(frame, (5, 5)))
    low, high = np.quantile(light[counted], (1 / 3, 2 / 3))
    within = (light <= low, (light > low) & (light < high), light >= high)
    thirds = [counted & one for one in within]
    fine = [_fine(one) for one in (frame, patch)]
    likenesses = [[_likeness(one, part) for one in fine] for part in thirds]
    apart = [(theirs[0] - mine[0], theirs[1] - mine[1]) for theirs, mine in likenesses]
    size = _size_of(*np.mean(apart, axis=0))
    share, gain = _between(size, 1), _between(size, 2)
    levels = [
        min(math.sqrt(max(0.0, own) / share), _apart(answers, part) * gain)
        for (own, _), part in zip(apart, thirds, strict=True)
    ]
    lights = [float(light[part if part.any() else counted].mean()) for part in thirds]
    most = _UNEVEN * float(np.median(levels))
    dark, middling, bright = (min(one, most) for one in levels)
    return Grain((lights[0], lights[1], lights[2]), (dark, middling, bright), size)


def _calm(frame: NDArray[np.float32], around: Mask) -> float:
    """Mean square of fine detail at calm places around a face, neither dark nor bright; or NaN."""
    height, width = (side - side % _TILES for side in frame.shape)
    if not height or not width:
        return math.nan

    def tiles(plane: NDArray[Any]) -> NDArray[Any]:
        cut = plane[:height, :width].reshape(height // _TILES, _TILES, -1, _TILES)
        return cut.swapaxes(1, 2).reshape(-1, _TILES * _TILES)

    light = tiles(frame).mean(axis=1)
    good = (tiles(around) > 0.5).all(axis=1) & (light > _SEEN[0]) & (light < _SEEN[1])
    if good.sum() < _LEAST_TILES:
        return math.nan
    return float(np.quantile(tiles(_fine(frame)[0])[good].mean(axis=1), _CALMEST))


def grained(pixels: NDArray[np.float32], made_of: Grain, amount: Mask | float, seed: int) -> None:
    """Lays noise over a picture, in place; the same seed gives the same noise.

    Towards white it fades: a camera's curve flattens there, and what is clipped has none.

    Args:
        pixels: (h, w, 3) in [0, 255].
        made_of: How the noise looks.
        amount: How much of it, everywhere or (h, w).
        seed: Such as a frame's pts.
    """
    height, width = pixels.shape[:2]
    table = np.interp(np.arange(256), made_of.lights, made_of.levels).astype(np.float32)
    pale = min(max(made_of.lights[-1], _PALE), 254.0)  # what was measured counts, and no farther
    table *= np.interp(np.arange(256), (pale, 255), (1, 0)).astype(np.float32)
    grey = cv2.convertScaleAbs(cv2.extractChannel(pixels, 1))
    noise = grain((height, width), 1.0, seed, size=made_of.size)
    noise = np.asarray(cv2.multiply(noise, cv2.LUT(grey, table)), np.float32) * amount
    cv2.add(pixels, cv2.merge((noise, noise, noise)), dst=pixels)


def grain(
    shape_hw: tuple[int, int], level: float, seed: int, *, size: float = _SIZES[_USUAL]
) -> NDArray[np.float32]:
    """(h, w) float32 noise of that standard deviation; the same seed gives the same noise.

    Args:
        shape_hw: Size wanted.
        level: Standard deviation.
        seed: Such as a frame's pts.
        size: Of a grain in pixels; the nearest of four is taken.
    """
    height, width = shape_hw
    rng = np.random.default_rng(seed & 0x7FFFFFFF)
    top, left = (int(n) for n in rng.integers(0, _TILE, 2))
    repeats = (-(-(top + height) // _TILE), -(-(left + width) // _TILE))
    spread = np.tile(_tile(_nearest(size)) * np.float32(level), repeats)
    return np.ascontiguousarray(spread[top : top + height, left : left + width])


def _apart(answers: Sequence[NDArray[np.float32]], counted: NDArray[np.bool_]) -> float:
    """The level of white noise that the first of two answers to the mask has and the second not."""
    if int(counted.sum()) < _LEAST_PIXELS // 3:
        return 0.0
    theirs, mine = (float(np.median(one[counted])) * _TO_STD for one in answers)
    return math.sqrt(max(0.0, theirs**2 - mine**2))


def _fine(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, h, w) of the fine detail: its square, its product with its neighbours, its usual square
    around each pixel.
    """
    fine = np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), 1.6), np.float32)
    made = np.zeros((3, *fine.shape), np.float32)
    np.multiply(fine, fine, out=made[0])
    np.multiply(fine[:-1, :-1], fine[1:, :-1] + fine[:-1, 1:], out=made[1, :-1, :-1])
    cv2.blur(made[0], (_AROUND, _AROUND), dst=made[2])
    return made


def _likeness(fine: NDArray[np.float32], counted: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean square of the fine detail, and mean product of that of neighbours, where it is calmest.

    Args:
        fine: From `_fine`.
        counted: (h, w) of which places the calmest are looked at.
    """
    own, beside, around = (one[counted] for one in fine)
    count = int(_CALM * len(own))
    if not count:
        return 0.0, 0.0
    calm = around <= np.partition(around, count)[count]
    return float(own[calm].mean()), float(beside[calm].mean()) / 2


def _size_of(own: float, beside: float) -> float:
    """The size of the grains of which neighbouring pixels are so alike."""
    if own < _TELLS:
        return _SIZES[_USUAL]
    alike = float(np.clip(beside / own, -1, 1))
    return float(np.interp(alike, [_known(k)[0] for k in range(len(_SIZES))], _SIZES))


def _between(size: float, which: int) -> float:
    return float(np.interp(size, _SIZES, [_known(k)[which] for k in range(len(_SIZES))]))


def _nearest(size: float) -> int:
    return int(np.argmin([abs(size - one) for one in _SIZES]))


@cache
def _known(number: int) -> tuple[float, float, float]:
    """What noise of a known size and of level 1 looks like.

    Returns:
        How alike neighbouring pixels are; the mean square of its fine detail where it is calmest;
        the level of it over that of white noise with the same answer to the mask.
    """
    tile = _tile(number).copy()
    own, beside = _likeness(_fine(tile), np.ones(tile.shape, np.bool_))
    answer = float(np.median(np.abs(cv2.filter2D(tile, -1, _MASK)))) * _TO_STD
    return beside / own, own, 1 / answer


@cache
def _tile(number: int) -> NDArray[np.float32]:
    """(256, 256) a repeatable noise whose grains have one of the sizes, of standard deviation 1."""
    white = np.random.default_rng(8).standard_normal((_TILE, _TILE)).astype(np.float32)
    soft = np.tile(white, (3, 3))
    if _SIZES[number]:
        soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), _SIZES[number]), np.float32)
    middle = soft[_TILE : 2 * _TILE, _TILE : 2 * _TILE]
    made = np.ascontiguousarray(middle / middle.std())
    made.flags.writeable = False
    return made
