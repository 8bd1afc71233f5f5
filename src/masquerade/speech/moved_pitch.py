"""The pitch of a sound moved, by as much as one likes at any moment, its time kept to the sample.

Short grains are read faster or slower and laid over each other, each shifted by up to a period so
that it goes on where the one before was (synchronised overlap-add; Roucos and Wilgus, ICASSP 1985,
with the reading rate of a delay-line pitch shifter). Every grain is centred on its own moment, so
that nothing drifts. Memory does not grow, and blocks of any length give the same samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from masquerade.speech.streamed import streamed
from masquerade.types import Audio

Floats = NDArray[np.float32]

_HOP_S: Final = 0.02
_REACH_S: Final = 0.008  # by which a grain may be shifted either way: a period of 62 Hz in all
_TAPS: Final = 12  # of the interpolating filter, on each side
_PHASES: Final = 512  # places between two samples that are told apart
_CUTOFFS: Final = 64
_LOWEST, _HIGHEST = 0.5, 2.0


def moved_pitch(blocks: Iterator[Audio], ratio: Callable[[float], float]) -> Iterator[Audio]:
    """The same sound, as many samples, its pitch and its resonances multiplied.

    Args:
        blocks: One sound, without gaps.
        ratio: By how much at each second, 0.5 to 2.

    Yields:
        Blocks at the times of the input's samples.
    """
    yield from streamed(blocks, lambda sr, channels: _Mover(sr, channels, ratio))


class _Mover:
    """State over one sound."""

    def __init__(self, sr: int, channels: int, ratio: Callable[[float], float]) -> None:
        self._sr, self._ratio = sr, ratio
        self._hop = round(_HOP_S * sr)
        self._reach = round(_REACH_S * sr)
        self._context = round(_HIGHEST * (self._hop + self._reach)) + 2 * _TAPS
        self._shape = np.hanning(2 * self._hop + 1)[:-1].astype(np.float32)
        # Sound from _origin on; silence before the first sample.
        self._held = np.zeros((channels, self._context + self._hop), np.float32)
        self._origin = -self._context - self._hop
        self._tail = np.zeros((channels, self._hop), np.float32)  # second half of the last grain
        self._grain = 0
        self._fed = self._given = 0

    def take(self, samples: Floats) -> Floats:
        """What is ready once these samples have come."""
        self._held = np.concatenate([self._held, samples], axis=1)
        self._fed += samples.shape[1]
        return self._made()

    def end(self) -> Floats:
        """The rest; as many samples have then been given as were taken."""
        owed = self._fed - self._given
        silence = np.zeros((len(self._held), 2 * self._context + 3 * self._hop), np.float32)
        self._held = np.concatenate([self._held, silence], axis=1)
        return self._made()[:, :owed]

    def _made(self) -> Floats:
        """Hops whose grains are complete."""
        parts = [np.zeros((len(self._held), 0), np.float32)]
        while (self._grain * self._hop + self._context) < self._origin + self._held.shape[1]:
            grain = self._next(self._grain * self._hop)
            half = self._tail + grain[:, : self._hop]
            if self._grain:  # the first grain begins before the sound
                parts.append(half)
                self._given += self._hop
            self._tail = grain[:, self._hop :]
            self._grain += 1
            spare = (self._grain * self._hop - self._context - self._hop) - self._origin
            if spare > self._sr:
                self._held, self._origin = self._held[:, spare:], self._origin + spare
        return np.concatenate(parts, axis=1)

    def _next(self, centre: int) -> Floats:
        """(channels, 2 hops) the grain around a sample, faded in and out, where it fits best."""
        ratio = float(np.clip(self._ratio(max(0.0, centre / self._sr)), _LOWEST, _HIGHEST))
        count = self._hop + self._reach
        places = centre + np.arange(-count, count) * ratio
        long = _read(self._held, places - self._origin, min(1.0, 1.0 / ratio))
        start = self._reach + _best_shift(self._tail, long, self._hop, self._reach)
        return np.asarray(long[:, start : start + 2 * self._hop] * self._shape, np.float32)


def _best_shift(tail: Floats, long: Floats, hop: int, reach: int) -> int:
    """By how many samples a grain is read later, so that it goes on as the one before."""
    wanted = tail.mean(axis=0)
    if not wanted.any():
        return 0
    mixed = long.mean(axis=0)[: hop + 2 * reach]
    size = 1 << (len(mixed) + hop).bit_length()
    spectrum = np.fft.rfft(mixed, size) * np.conj(np.fft.rfft(wanted, size))
    alike = np.fft.irfft(spectrum, size)[: 2 * reach + 1]
    total = np.concatenate([[0.0], np.cumsum(mixed.astype(np.float64) ** 2)])
    power = total[hop : hop + 2 * reach + 1] - total[: 2 * reach + 1]
    return int(np.argmax(alike / np.sqrt(power + 1e-6))) - reach


def _read(sound: Floats, places: NDArray[np.floating], cutoff: float) -> Floats:
    """(channels, n) the sound between its samples, by a windowed sinc; none above the cutoff."""
    fine = np.rint(places * _PHASES).astype(np.int64)
    whole, phase = fine // _PHASES, fine % _PHASES
    taps = _filters(round(cutoff * _CUTOFFS))[phase]
    windows = sliding_window_view(sound, 2 * _TAPS, axis=1)
    first = np.clip(whole - _TAPS + 1, 0, windows.shape[1] - 1)
    return np.asarray(np.einsum("cnt,nt->cn", windows[:, first], taps), np.float32)


@lru_cache(maxsize=_CUTOFFS)
def _filters(cutoff: int) -> Floats:
    """(phases, taps) a windowed sinc for each place between two samples."""
    share = cutoff / _CUTOFFS
    away = np.arange(_PHASES)[:, None] / _PHASES - np.arange(-_TAPS + 1, _TAPS + 1)
    shape = np.cos(np.pi * away / (2 * _TAPS)) ** 2
    return np.asarray(share * np.sinc(share * away) * shape, np.float32)
