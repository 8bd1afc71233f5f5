"""Where in a picture the pattern of a key lies: its scale, its angle, its origin.

A tile that repeats has its waves at known points of the spectrum, whatever the shift; turning and
scaling the picture turns and scales these points. So a guess of scale and angle costs no more than
reading a few hundred points, and one small inverse transform then tries all shifts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.watermark.pattern import TILE, Pattern, Waves
from masquerade.provenance.watermark.spectrum import Spectrum, Values

Reals: TypeAlias = NDArray[np.float64]

CHIP_RANGE_PX: Final = (0.42, 3.4)
TURNED_RANGE_PX: Final = (0.55, 3.4)
ANGLES_DEG: Final = 2.0

_COARSE: Final = 0.17  # cycles per chip up to which waves are used for the first look
_STEP_CHIPS: Final = 2.4  # what a step of scale or angle moves the edge of the picture by
_LEAST_SIDE_PX: Final = 256  # of pictures smaller than this, the search steps are no wider
_BATCH: Final = 16
_LEVELS: Final = 5  # halvings of the steps, and of the places that stay, down to so few:
_LEAST_KEPT: Final = 8
_ORIGIN_STEP_CHIPS: Final = 0.5
_NEAR_CHIPS: Final = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A guess of where the pattern lies.

    Attributes:
        chip_px: Size of a chip in pixels of the flattened picture.
        angle_deg: By which the pattern is turned in the picture, clockwise.
        stretch: Chips are so many times wider than high.
        origin: What the picture's centre is in chips of the tile, x and y.
        score: Agreement in standard deviations.
    """

    chip_px: float
    angle_deg: float = 0.0
    stretch: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)
    score: float = 0.0


def upright(found: Spectrum, range_px: tuple[float, float] = CHIP_RANGE_PX) -> list[Place]:
    """Guesses of every scale, not turned, close enough that none lies between."""
    low, high = range_px
    side = max(found.picture_wh)
    chips, chip = [], low
    while chip < high:
        chips.append(chip)
        chip *= 1 + 2 * _STEP_CHIPS * chip / max(side, _LEAST_SIDE_PX)
    return [Place(chip) for chip in chips]


def turned(found: Spectrum) -> list[Place]:
    """Guesses of every scale, turned a little to either side."""
    side = max(found.picture_wh)
    places = []
    for place in upright(found, TURNED_RANGE_PX):
        step = float(np.degrees(2 * _STEP_CHIPS * place.chip_px / max(side, _LEAST_SIDE_PX)))
        count = int(np.ceil(ANGLES_DEG / step))
        for number in range(1, count + 1):
            places += [replace(place, angle_deg=sign * number * step) for sign in (1, -1)]
    return places


def best(
    found: Spectrum,
    key: Pattern,
    guesses: Sequence[Place],
    most: int,
    *,
    but: Sequence[tuple[float, float]] = (),
) -> list[Place]:
    """The guesses that agree best, with their origins, best first, made more exact.

    Args:
        found: Where to look.
        key: What for.
        guesses: Of scale and angle.
        most: So many of them are made exact.
        but: Origins that are known, in chips: none is given back from near them.
    """
    near = np.hypot(*key.sync.T) <= _COARSE * TILE
    scored = list(_scored(found, key.sync[near], key.sync_signs[near], guesses, _elsewhere(but)))
    kept = sorted(scored, key=lambda place: -place.score)[:most]
    step = _STEP_CHIPS / max(*found.picture_wh, _LEAST_SIDE_PX)
    for level in range(_LEVELS):
        tried = [other for place in kept for other in _around(place, step / 2**level)]
        again = _moved(found, key, tried, _ORIGIN_STEP_CHIPS / 2**level)
        each = len(tried) // max(1, len(kept))
        groups = (again[start : start + each] for start in range(0, len(again), each))
        kept = [max(group, key=lambda place: place.score) for group in groups]
        kept = sorted(kept, key=lambda place: -place.score)[: max(_LEAST_KEPT, len(kept) // 2)]
    return kept


def read(found: Spectrum, waves: Waves, place: Place) -> Values:
    """(n,) values of waves of the tile, phases counted from the tile's origin."""
    values = found.at(_frequencies(waves, [place])[0])
    return np.asarray(values * _turns(waves, np.array(place.origin)), np.complex64)


def _frequencies(waves: Waves, places: Sequence[Place]) -> NDArray[np.float32]:
    """(places, n, 2) cycles per pixel."""
    angle = np.radians([place.angle_deg for place in places])
    wide = np.array([TILE * place.chip_px * place.stretch**0.5 for place in places])
    high = np.array([TILE * place.chip_px / place.stretch**0.5 for place in places])
    x = waves[:, 0] / wide[:, None]
    y = waves[:, 1] / high[:, None]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1).astype(np.float32)


def _elsewhere(origins: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """(TILE * TILE,) True where no origin is near, x before y."""
    chips = np.arange(TILE)
    allowed = np.ones((TILE, TILE), bool)
    for x, y in origins:
        apart_x, apart_y = (
            np.abs((chips - at + TILE / 2) % TILE - TILE / 2) <= _NEAR_CHIPS for at in (x, y)
        )
        allowed &= ~(apart_x[:, None] & apart_y)
    return allowed.ravel()


def _scored(
    found: Spectrum,
    waves: Waves,
    signs: NDArray[np.float32],
    places: Sequence[Place],
    allowed: NDArray[np.bool_],
) -> Iterator[Place]:
    """The places with their best origin, in whole chips, and its score."""
    columns = int(waves[:, 0].max()) + 1
    for start in range(0, len(places), _BATCH):
        batch = places[start : start + _BATCH]
        values = found.at(_frequencies(waves, batch))
        # The inverse transform in two steps: most columns of waves are empty.
        grid = np.zeros((len(batch), columns, TILE), np.complex64)
        grid[:, waves[:, 0], waves[:, 1] % TILE] = np.conj(values) * signs
        surface = np.fft.irfft(np.fft.ifft(grid), n=TILE, axis=1).reshape(len(batch), -1)
        peak = np.where(allowed, surface, -np.inf).argmax(axis=1)
        scores = surface[np.arange(len(batch)), peak] * (TILE * TILE / 2) / _spread(values)
        for place, where, score in zip(batch, peak, scores, strict=True):
            origin = (float(where // TILE), float(where % TILE))
            yield replace(place, origin=origin, score=float(score))


def _around(place: Place, step: float) -> Iterator[Place]:
    """The place and its neighbours a step away in scale, angle, or stretch."""
    yield place
    turn = float(np.degrees(step))
    for scale in (-1, 0, 1):
        for angle in (-1, 0, 1):
            if scale or angle:
                yield replace(
                    place,
                    chip_px=place.chip_px * (1 + scale * step * place.chip_px),
                    angle_deg=place.angle_deg + angle * turn * place.chip_px,
                )
    for sign in (-1, 1):
        yield replace(place, stretch=place.stretch * (1 + sign * step * place.chip_px))


def _moved(found: Spectrum, key: Pattern, places: Sequence[Place], step: float) -> list[Place]:
    """The places with the best of 25 origins around theirs, `step` chips apart, and its score."""
    if not places:
        return []
    values = found.at(_frequencies(key.sync, places)) * key.sync_signs
    origins = np.array([place.origin for place in places])
    turned_back = values * _turns(key.sync, origins).T
    offsets = np.stack(np.meshgrid(*[np.arange(-2, 3) * step] * 2), axis=-1).reshape(-1, 2)
    scores = (turned_back @ _turns(key.sync, offsets)).real
    peak = scores.argmax(axis=1)
    origins = origins + offsets[peak]
    height = scores[np.arange(len(places)), peak] / _spread(values)
    return [
        replace(place, origin=(float(x), float(y)), score=float(score))
        for place, (x, y), score in zip(places, origins, height, strict=True)
    ]


def _turns(waves: Waves, origins: Reals) -> Values:
    """(n, places), or (n,) for one: factors that take waves' phases back to the tile's origin."""
    return np.asarray(np.exp(-2j * np.pi / TILE * (waves @ origins.T)), np.complex64)


def _spread(values: Values) -> NDArray[np.float32]:
    """(places,) standard deviation of a sum of (places, n) values with random signs."""
    return np.asarray(np.sqrt((np.abs(values) ** 2).sum(axis=1) / 2) + 1e-9, np.float32)
