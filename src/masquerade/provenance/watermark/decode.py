"""The mark found again: blind, in a picture or in the frames of a clip.

What is said is bounded, not guessed. A picture that was made without the key knows nothing of the
signs that the key gives to the waves of the bits; for any such picture a sum of n values with
random signs exceeds z times its root of squares with probability at most exp(-z^2 / 2) (Hoeffding
1963). There are 2^64 ids, and some hundreds of places are tried, so the chance that any of them
agrees as well as the one found is at most tries x 2^64 x exp(-z^2 / 2). Only where that is below
`FALSE_ALARM` is an id given back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.watermark.pattern import Pattern, pattern
from masquerade.provenance.watermark.payload import CODE_BITS, ID_BITS, decode
from masquerade.provenance.watermark.search import Place, best, read, turned, upright
from masquerade.provenance.watermark.spectrum import (
    LEAST_SIDE,
    Flat,
    Spectrum,
    flattened,
    spectrum,
)
from masquerade.types import RGB, Frame

Soft: TypeAlias = NDArray[np.float64]

FALSE_ALARM: Final = 1e-9
# A clip is looked at after so many pooled frames; up to there, one frame in so many is pooled.
LOOKS: Final = ((8, 2), (24, 2), (64, 4), (112, 6))

_KEPT: Final = 32
_MIDDLE_PX: Final = 640
_RINGS: Final = 6
_LEAST_WORTH: Final = 0.15
_ORIENTATIONS: Final = tuple((mirrored, turns) for mirrored in (False, True) for turns in range(4))


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found.

    Attributes:
        payload: The id; None where none was found.
        score: Agreement of the whole code word in standard deviations; the best sync where no id.
        p_value: Bound on the chance that a picture made without the key gives as good a find;
            1 where no id was found.
        scale: Pixels of this picture that a chip of the pattern takes; see `embed.chip_size`.
        angle_deg: By which the marked picture was turned, clockwise.
        mirrored: True where it was mirrored.
        quarter_turns: Clockwise quarter turns on top of the angle.
        corrected: Code bits of 127 that were received wrong.
        frames: How many frames were pooled.
    """

    payload: int | None = None
    score: float = 0.0
    p_value: float = 1.0
    scale: float = 1.0
    angle_deg: float = 0.0
    mirrored: bool = False
    quarter_turns: int = 0
    corrected: int = 0
    frames: int = 0

    @property
    def is_found(self) -> bool:
        """True where an id was found."""
        return self.payload is not None


def detect(picture: RGB | Iterable[Frame], key: bytes) -> Detection:
    """The id in a picture, or in the pooled frames of a clip.

    Args:
        picture: (H, W, 3) uint8 RGB; or frames, of which those of the first one's size are used.
            No more are taken than are needed; about 500 where there is no mark.
        key: The 32 bytes that it was marked with.

    Raises:
        UsageError: The key has not 32 bytes.
    """
    made = pattern(key)
    if isinstance(picture, np.ndarray):
        if min(picture.shape[:2]) < LEAST_SIDE:
            return Detection(frames=1)
        flat = flattened(picture)
        result, _ = _looked(flat, picture.shape[1], made, thorough=True)
        return replace(result, frames=1)
    result, tries = Detection(), 0
    for flat, width, frames, is_last in _pooled(picture):
        result, tries = _looked(flat, width, made, thorough=is_last, tries=tries)
        result = replace(result, frames=frames)
        if result.is_found:
            break
    return result


def _pooled(frames: Iterable[Frame]) -> Iterator[tuple[Flat, int, int, bool]]:
    """Sums of ever more frames, their width, how many, and whether it is the last sum."""
    total: Flat | None = None
    size_wh = (0, 0)
    count = look = due = 0
    for number, frame in enumerate(frames):
        if number < due or min(frame.size_wh) < LEAST_SIDE:
            continue
        if total is not None and frame.size_wh != size_wh:
            continue
        flat = flattened(frame.pixels)
        total = flat if total is None else total + flat
        size_wh = frame.size_wh
        count += 1
        due = number + LOOKS[look][1]
        if count == LOOKS[look][0]:
            look += 1
            yield total, size_wh[0], count, look == len(LOOKS)
            if look == len(LOOKS):
                return
    if total is not None:
        yield total, size_wh[0], count, True


def _looked(
    flat: Flat, width: int, key: Pattern, *, thorough: bool, tries: int = 0
) -> tuple[Detection, int]:
    """The first id that stands, and how many tries there were, with those of looks before.

    Upright at first, then, if thorough, a little turned.
    """
    found = spectrum(flat, width)
    top = Place(1.0)
    for places in _candidates(flat, found, key, thorough=thorough):
        for place in places:
            top = max(top, place, key=lambda one: one.score)
            for mirrored, turns in _ORIENTATIONS:
                tries += 1
                reading = _read_id(found, key, place, mirrored=mirrored, turns=turns, tries=tries)
                if reading is not None:
                    return reading, tries
    return _at(top, found), tries


def _candidates(
    flat: Flat, found: Spectrum, key: Pattern, *, thorough: bool
) -> Iterator[list[Place]]:
    """Places worth reading, the likely ones first."""
    yield best(found, key, upright(found), _KEPT)
    if not thorough:
        return
    # The middle is enough to see the turn, and takes far fewer guesses.
    if max(flat.shape) <= _MIDDLE_PX:
        yield best(found, key, turned(found), _KEPT)
        return
    middle = spectrum(_middle(flat), flat.shape[1])
    seen = best(middle, key, turned(middle), _KEPT)
    yield best(found, key, seen, len(seen))


def _middle(flat: Flat) -> Flat:
    """The middle of a picture, its own centre kept as centre."""
    height, width = flat.shape
    top, left = max(0, height // 2 - _MIDDLE_PX // 2), max(0, width // 2 - _MIDDLE_PX // 2)
    return flat[top : top + min(height, _MIDDLE_PX), left : left + min(width, _MIDDLE_PX)]


def _read_id(
    found: Spectrum, key: Pattern, place: Place, *, mirrored: bool, turns: int, tries: int
) -> Detection | None:
    """The id at one place in one orientation; None where what is there is not beyond chance."""
    sync = (read(found, key.sync, place) * key.sync_signs).real
    waves = key.data @ _orientation(mirrored=mirrored, turns=turns)
    data = (read(found, waves, place) * np.conj(key.data_phases)).real * _worth(key, sync)
    soft = np.bincount(key.data_bits, data, CODE_BITS) / (math.sqrt((data**2).sum()) + 1e-12)
    # The score of the best of all words is at most this; most places end here.
    if _chance(float(np.abs(soft).sum()), tries) > FALSE_ALARM:
        return None
    word = decode(soft)
    if word is None:
        return None
    score = float(soft @ (1.0 - 2.0 * word.bits))
    chance = _chance(score, tries)
    if chance > FALSE_ALARM:
        return None
    return replace(
        _at(place, found),
        payload=word.payload,
        score=score,
        p_value=chance,
        mirrored=mirrored,
        quarter_turns=turns,
        corrected=word.corrected,
    )


def _at(place: Place, found: Spectrum) -> Detection:
    """What can be said of a place without an id."""
    return Detection(
        score=place.score, scale=place.chip_px * found.shrunk, angle_deg=place.angle_deg
    )


def _orientation(*, mirrored: bool, turns: int) -> NDArray[np.int64]:
    """(2, 2) from chips as they lie to chips as they were put in."""
    quarter = np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), turns)
    return np.asarray(np.diag([-1 if mirrored else 1, 1]) @ quarter, np.int64)


def _chance(score: float, tries: int) -> float:
    """Bound on the chance that any id agrees so well in any of the tries."""
    exponent = math.log(tries) + ID_BITS * math.log(2) - score * abs(score) / 2
    return math.exp(min(0.0, exponent))


def _worth(key: Pattern, sync: NDArray[np.float32]) -> Soft:
    """(m,) weights of data waves, from how well sync waves of their length came through.

    Nothing of the data goes in, so the bound on chance stands whatever the weights are.
    """
    lengths = np.hypot(*key.sync.T)
    edges = np.quantile(lengths, np.linspace(0, 1, _RINGS + 1))
    ring = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, _RINGS - 1)
    means = np.bincount(ring, sync, _RINGS) / np.bincount(ring, minlength=_RINGS)
    means = np.convolve(np.pad(means, 1, "edge"), [0.25, 0.5, 0.25], "valid")
    centres = (edges[1:] + edges[:-1]) / 2
    worth = np.interp(np.hypot(*key.data.T), centres, np.maximum(means, 0))
    return np.asarray(worth + _LEAST_WORTH * max(float(means.max()), 1e-3), np.float64)
