"""What the reader looks at: how much louder each band is than what is around foretells.

Sound comes in blocks and is kept as power spectra, one each 8 ms, a stretch at a time. From these,
levels in the bands of the pattern are made for every guess of how far the pitch was moved, and then
flattened: the mark is a step from cell to cell, while speech and music change more slowly in
time, or in many bands at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.errors import UsageError
from masquerade.provenance.watermark.sound.pattern import (
    HIGHEST_HZ,
    HOP_S,
    LEAST_RATE_HZ,
    SLOTS,
    Reals,
    spread,
)
from masquerade.types import Audio

MOST_STRETCH: Final = 1.06  # of pitch and time that is looked for

_FLOOR: Final = 1e-5  # of a band's mean power; what is fainter is taken as silence
_SILENT: Final = 1e-10  # mean power of a hop of digital silence, or of its dither
_BEFORE_AFTER: Final = 0.35  # share of the chip before, and of the one after, that is taken off
_RIDGE: Final = 0.2  # share of a band's power that is taken for chance
_LEAST_SPREAD_DB: Final = 0.3
_GATHERED: Final = 1024  # spectra made at once


@dataclass(frozen=True, slots=True)
class Stretch:
    """Power spectra of a part of a sound, all channels together.

    Attributes:
        power: (hops, bins) float32.
        spacing_hz: Between bins.
        first_hop: Number of the first spectrum since the start of the sound.
    """

    power: Reals
    spacing_hz: float
    first_hop: int

    @property
    def heard_s(self) -> float:
        """Seconds that are not silent."""
        return float((self.power.mean(axis=1) > _SILENT).sum() * HOP_S)


def stretches(blocks: Iterable[Audio], hops: int) -> Iterator[Stretch]:
    """The sound in stretches of `hops` spectra; the last has half as many to one and a half times.

    A sound shorter than that is one stretch of what there is.

    Raises:
        UsageError: The sound has less than 8000 Hz, or changes its rate.
    """
    held: list[Reals] = []
    count = first = 0
    spacing_hz = 1.0
    for power, spacing_hz in _spectra(blocks):
        held.append(power)
        count += len(power)
        while count >= hops + hops // 2:
            whole = np.concatenate(held)
            yield Stretch(whole[:hops], spacing_hz, first)
            held, count, first = [whole[hops:]], count - hops, first + hops
    if count > SLOTS:
        yield Stretch(np.concatenate(held), spacing_hz, first)


def steps(stretch: Stretch, pitch: float) -> tuple[Reals, Reals]:
    """(hops, bands) steps of level, of even spread in every band; and (bands,) their unit in dB.

    Args:
        stretch: Of the sound.
        pitch: By which its pitch was multiplied since it was marked.
    """
    bands = stretch.power @ spread(stretch.power.shape[1], stretch.spacing_hz, scale=pitch)
    level = 10 * np.log10(bands + _FLOOR * bands.mean(axis=0) + 1e-14)
    mean = _mean_of_chip(level)
    before = np.concatenate([np.repeat(mean[:1], SLOTS, axis=0), mean[:-SLOTS]])
    after = np.concatenate([mean[SLOTS:], np.repeat(mean[-1:], SLOTS, axis=0)])
    step = mean - _BEFORE_AFTER * (before + after)
    own = _own(step - step.mean(axis=0))
    unit = np.maximum(np.sqrt((own**2).mean(axis=0)), _LEAST_SPREAD_DB)
    even = own / unit
    return np.asarray(even / np.sqrt(1 + np.abs(even)), np.float32), np.asarray(unit, np.float32)


def _own(step: Reals) -> Reals:
    """(hops, bands) what of each band's steps the other bands do not foretell, in dB.

    Each band minus its best linear prediction from all others, which the inverse of the covariance
    holds. The mark is not foretold, since its signs are drawn for each band alone.
    """
    covariance = step.T @ step / len(step)
    power = np.diag(covariance) + _LEAST_SPREAD_DB**2
    inverse = np.linalg.inv(covariance + _RIDGE * np.diag(power))
    return np.asarray(step @ (inverse / np.diag(inverse)), np.float32)


def _mean_of_chip(level: Reals) -> Reals:
    """(hops, bands) mean over a chip around each hop."""
    half = SLOTS // 2
    total = np.cumsum(np.pad(level, ((half + 1, half), (0, 0)), "edge"), axis=0, dtype=np.float64)
    return np.asarray((total[SLOTS:] - total[:-SLOTS]) / SLOTS, np.float32)


def _spectra(blocks: Iterable[Audio]) -> Iterator[tuple[Reals, float]]:
    """(hops, bins) power of about eight seconds at a time, and the spacing of bins in Hz."""
    sr = done = 0
    held = np.zeros((0, 0), np.float32)
    for block in blocks:
        if not sr:
            sr = block.sr
            if sr < LEAST_RATE_HZ:
                raise UsageError(f"sound of {sr} Hz", f"at least {LEAST_RATE_HZ} Hz")
            held = np.zeros((block.samples.shape[0], 2 * _half(sr)), np.float32)[:, : _half(sr)]
        if block.sr != sr or block.samples.shape[0] != held.shape[0]:
            raise UsageError("sound whose rate or channels change", "one rate, one layout")
        for part in np.array_split(block.samples, -(-block.samples.shape[1] // (60 * sr)) or 1, 1):
            held = np.concatenate([held, part], axis=1)
            while _start(done + _GATHERED, sr) - _start(done, sr) + 2 * _half(sr) <= held.shape[1]:
                yield _power(held, done, _GATHERED, sr), sr / (2 * _half(sr))
                used = _start(done + _GATHERED, sr) - _start(done, sr)
                held, done = held[:, used:], done + _GATHERED
    if sr:
        held = np.concatenate([held, np.zeros((held.shape[0], _half(sr)), np.float32)], axis=1)
        count = 0
        while _start(done + count, sr) - _start(done, sr) + 2 * _half(sr) <= held.shape[1]:
            count += 1
        if count:
            yield _power(held, done, count, sr), sr / (2 * _half(sr))


def _half(sr: int) -> int:
    """Samples in half a window."""
    return round(2 * HOP_S * sr)


def _start(hop: int, sr: int) -> int:
    """Sample at which the window of a hop starts, in sound with half a window of silence ahead."""
    return round(hop * HOP_S * sr)


def _power(held: Reals, first: int, count: int, sr: int) -> Reals:
    """(count, bins) power of windows from hop `first` on, whose sound `held` starts with."""
    size = 2 * _half(sr)
    starts = np.array([_start(first + n, sr) for n in range(count)]) - _start(first, sr)
    shape = np.sqrt(np.hanning(size + 1)[:-1]).astype(np.float32)
    bins = min(size // 2 + 1, int(HIGHEST_HZ * MOST_STRETCH * size / sr) + 2)
    total = np.zeros((count, bins), np.float32)
    for channel in held:
        frames = channel[starts[:, None] + np.arange(size)] * shape
        total += np.abs(np.fft.rfft(frames, axis=1)[:, :bins]) ** 2
    return total / np.float32(size)
