"""Where in a sound the pattern of a key lies: its start, its speed, its pitch.

The pattern repeats after 640 slots of 8 ms, so a stretch of sound is folded to one period for each
guess of speed, and one small transform tries all starts at once. Speed and pitch go together where
a sound is played faster or slower, up to 5 %; besides, each is tried alone by up to 1.5 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.provenance.watermark.sound.features import Stretch, steps
from masquerade.provenance.watermark.sound.pattern import CHIPS, SLOTS, Reals, SoundPattern

PERIOD: Final = CHIPS * SLOTS

_RANGE: Final = 0.055
_APART: Final = 0.016  # by which speed may differ from pitch near 1; anywhere else, a third of it
_PITCH_STEP: Final = 0.01
_DRIFT_HOPS: Final = 2.0  # how far a guess of speed may be off at the ends of a stretch


@dataclass(frozen=True, slots=True)
class Guess:
    """Where the pattern may lie.

    Attributes:
        duration: By which the sound was stretched in time since it was marked.
        pitch: By which its pitch was multiplied.
        slot: At which slot of the folded sound the period starts, 0 to 639.
        score: Agreement of the known cells in standard deviations.
    """

    duration: float
    pitch: float
    slot: int = 0
    score: float = 0.0


def as_it_was() -> list[tuple[float, float]]:
    """Pitch and duration of a sound that is played as it was marked."""
    return [(1.0, 1.0)]


def changed(hops: int) -> list[tuple[float, float]]:
    """Pitches and durations close enough that none lies between, for a stretch of `hops`."""
    step = 4 * _DRIFT_HOPS / max(hops, PERIOD)
    found = []
    count = round(_RANGE / _PITCH_STEP)
    for pitch in 1 + _PITCH_STEP * np.arange(-count, count + 1):
        near = abs(pitch - 1) < _APART
        apart = _APART if near else _APART / 3
        number = int(np.ceil(apart / step))
        offsets = step * np.arange(-number, number + 1)
        found += [(float(pitch), float((1 + offset) / pitch)) for offset in offsets]
    return found


def best(
    stretch: Stretch, key: SoundPattern, tried: Iterable[tuple[float, float]], most: int
) -> list[Guess]:
    """The guesses that agree best, with their starts, best first."""
    found = []
    levels: tuple[float, Reals] | None = None
    for pitch, duration in sorted(tried):
        if levels is None or levels[0] != pitch:
            levels = (pitch, steps(stretch, pitch)[0])
        scores = _scores(folded(levels[1], stretch.first_hop, duration), key)
        for _ in range(2):
            slot = int(scores.argmax())
            found.append(Guess(duration, pitch, slot, float(scores[slot])))
            scores[max(0, slot - SLOTS) : slot + SLOTS + 1] = -np.inf
    return sorted(found, key=lambda guess: -guess.score)[:most]


def refined(stretch: Stretch, key: SoundPattern, guess: Guess) -> Guess:
    """The guess, or the best of its neighbours, less than a step away."""
    step = 4 * _DRIFT_HOPS / max(len(stretch.power), PERIOD)
    for width, pitches in (
        (step / 2, (-_PITCH_STEP / 2, 0.0, _PITCH_STEP / 2)),
        (step / 4, (0.0,)),
    ):
        tried = [
            (guess.pitch + pitch, guess.duration + duration)
            for pitch in pitches
            for duration in (-width, 0.0, width)
        ]
        guess = max(guess, *best(stretch, key, tried, 1), key=lambda one: one.score)
    return guess


def folded(levels: Reals, first_hop: int, duration: float) -> Reals:
    """(640, bands) sum over periods of steps of level, if the sound was stretched by `duration`.

    Args:
        levels: (hops, bands) steps.
        first_hop: Number of the first, since the start of the sound.
        duration: By which it was stretched since it was marked.
    """
    low = int(np.ceil(first_hop / duration))
    high = int(np.floor((first_hop + len(levels) - 1) / duration))
    place = np.arange(low, high + 1) * duration - first_hop
    index = np.clip(place.astype(np.int64), 0, len(levels) - 2)
    share = (place - index).astype(np.float32)[:, None]
    values = (1 - share) * levels[index] + share * levels[index + 1]
    ahead = low % PERIOD
    behind = -(ahead + len(values)) % PERIOD
    rows = np.pad(values, ((ahead, behind), (0, 0)))
    return np.asarray(rows.reshape(-1, PERIOD, values.shape[1]).sum(axis=0), np.float32)


def cells_at(fold: Reals, slot: int) -> Reals:
    """(128, bands) the folded steps at the middle of each cell, if the period starts at `slot`."""
    return np.asarray(np.roll(fold, -slot, axis=0)[::SLOTS], np.float32)


def around(fold: Reals, key: SoundPattern, slot: int, reach: int) -> Iterator[tuple[int, float]]:
    """Slots up to `reach` from one, with their scores."""
    scores = _scores(fold, key)
    for offset in range(-reach, reach + 1):
        yield (slot + offset) % PERIOD, float(scores[(slot + offset) % PERIOD])


def _scores(fold: Reals, key: SoundPattern) -> Reals:
    """(640,) agreement of the known cells for each start, in standard deviations."""
    known = key.signs * key.sync
    parts = np.fft.rfft(fold.reshape(CHIPS, SLOTS, -1), axis=0)
    sums = np.einsum("kb,ksb->ks", np.conj(np.fft.rfft(known, axis=0)), parts)
    spread = np.sqrt((fold**2).mean() * key.sync.sum()) + 1e-9
    return np.asarray(np.fft.irfft(sums, n=CHIPS, axis=0).reshape(-1) / spread, np.float32)
