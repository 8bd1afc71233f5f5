"""The bits read at a place where the pattern may lie.

An id is given back only where the bound of `chance` stands; there are at most `TRIES` readings for
a file and a key. Places are chosen by waves that carry no bits and so take no part in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.watermark.chance import FALSE_ALARM, chance
from masquerade.provenance.watermark.pattern import Pattern
from masquerade.provenance.watermark.payload import CODE_BITS, decode
from masquerade.provenance.watermark.search import Place, read
from masquerade.provenance.watermark.spectrum import Spectrum

Soft: TypeAlias = NDArray[np.float64]

TRIES: Final = 512  # at eight orientations a place: four looks, one of them turned too, three more

_RINGS: Final = 6
_LEAST_WORTH: Final = 0.15
_ORIENTATIONS: Final = tuple((mirrored, turns) for mirrored in (False, True) for turns in range(4))


@dataclass(frozen=True, slots=True)
class Reading:
    """An id read at a place.

    Attributes:
        payload: The id.
        place: Where the pattern lies.
        score: Agreement of the whole code word in standard deviations.
        p_value: Bound on the chance that a picture made without the key gives as good a find.
        corrected: Code bits of 127 that were received wrong.
        mirrored: True where the picture was mirrored.
        quarter_turns: Clockwise quarter turns on top of the place's angle.
    """

    payload: int
    place: Place
    score: float
    p_value: float
    corrected: int
    mirrored: bool
    quarter_turns: int


def readings(found: Spectrum, key: Pattern, place: Place, tries: int) -> Iterator[Reading]:
    """The ids that stand at a place, of the eight ways that a picture can lie.

    Args:
        found: The spectrum of the picture.
        key: Its pattern.
        place: Where to read.
        tries: Readings in this file that there will be at most: `TRIES` for each key.
    """
    for mirrored, turns in _ORIENTATIONS:
        reading = _read_id(found, key, place, mirrored=mirrored, turns=turns, tries=tries)
        if reading is not None:
            yield reading


def _read_id(
    found: Spectrum, key: Pattern, place: Place, *, mirrored: bool, turns: int, tries: int
) -> Reading | None:
    """The id at one place in one orientation; None where what is there is not beyond chance."""
    sync = (read(found, key.sync, place) * key.sync_signs).real
    waves = key.data @ _orientation(mirrored=mirrored, turns=turns)
    data = (read(found, waves, place) * np.conj(key.data_phases)).real * _worth(key, sync)
    soft = np.bincount(key.data_bits, data, CODE_BITS) / (math.sqrt((data**2).sum()) + 1e-12)
    # The score of the best of all words is at most this; most places end here.
    if chance(float(np.abs(soft).sum()), tries) > FALSE_ALARM:
        return None
    word = decode(soft)
    if word is None:
        return None
    score = float(soft @ (1.0 - 2.0 * word.bits))
    p_value = chance(score, tries)
    if p_value > FALSE_ALARM:
        return None
    return Reading(word.payload, place, score, p_value, word.corrected, mirrored, turns)


def _orientation(*, mirrored: bool, turns: int) -> NDArray[np.int64]:
    """(2, 2) from chips as they lie to chips as they were put in."""
    quarter = np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), turns)
    return np.asarray(np.diag([-1 if mirrored else 1, 1]) @ quarter, np.int64)


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
