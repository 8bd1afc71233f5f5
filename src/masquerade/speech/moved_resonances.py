"""The resonances of a voice moved, its pitch kept: a larger or smaller mouth and throat.

The smooth outline of each short spectrum (by its cepstrum; Oppenheim and Schafer, 1968) is read at
other frequencies and put in place of what it was; what is fine in the spectrum, the pitch among it,
stays. Every window keeps its power. Blocks of any length give the same samples, in their time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from masquerade.speech.streamed import streamed
from masquerade.types import Audio

Floats = NDArray[np.float32]
Reals = NDArray[np.floating]

Outline = Callable[[float, Reals], Reals]
"""For a second and frequencies in Hz: at which frequency of the old outline each is read."""

_HOP_S: Final = 0.008
_OVERLAP: Final = 4
_SMOOTH_S: Final = 0.0018  # quefrencies up to this make the outline
_MOST: Final = 2.3  # largest change, in nepers: 20 dB
_FLOOR: Final = 1e-9
_AT_ONCE: Final = 64


def moved_resonances(blocks: Iterator[Audio], outline: Outline) -> Iterator[Audio]:
    """The same sound, as many samples, its spectral outline moved.

    Args:
        blocks: One sound, without gaps.
        outline: Where each frequency of the new outline is read in the old one.

    Yields:
        Blocks at the times of the input's samples.
    """
    yield from streamed(blocks, lambda sr, channels: _Mover(sr, channels, outline))


class _Mover:
    """State over one sound."""

    def __init__(self, sr: int, channels: int, outline: Outline) -> None:
        self._sr, self._outline = sr, outline
        self._hop = round(_HOP_S * sr)
        self._window = _OVERLAP * self._hop
        self._shape = np.sqrt(np.hanning(self._window + 1)[:-1]).astype(np.float32)
        self._hz = np.fft.rfftfreq(self._window, 1 / sr)
        self._quefrencies = max(2, round(_SMOOTH_S * sr))
        # The first window ends with the first hop of the sound; silence before it.
        self._held = np.zeros((channels, self._window - self._hop), np.float32)
        self._tail = np.zeros((channels, self._window - self._hop), np.float32)
        self._frame = self._fed = self._given = 0

    def take(self, samples: Floats) -> Floats:
        """What is ready once these samples have come."""
        self._held = np.concatenate([self._held, samples], axis=1)
        self._fed += samples.shape[1]
        return self._ready()

    def end(self) -> Floats:
        """The rest; as many samples have then been given as were taken."""
        owed = self._fed - self._given
        silence = np.zeros((len(self._held), 2 * self._window + _AT_ONCE * self._hop), np.float32)
        self._held = np.concatenate([self._held, silence], axis=1)
        return self._ready()[:, :owed]

    def _ready(self) -> Floats:
        """All windows that are held, a few dozen at a time."""
        parts = [np.zeros((len(self._held), 0), np.float32)]
        while self._held.shape[1] >= self._window + (_AT_ONCE - 1) * self._hop:
            made = self._some()
            early = max(0, _OVERLAP - 1 - self._frame) * self._hop  # before the sound begins
            parts.append(made[:, early:])
            self._frame += _AT_ONCE
            self._held = self._held[:, _AT_ONCE * self._hop :]
            self._given += parts[-1].shape[1]
        return np.concatenate(parts, axis=1)

    def _some(self) -> Floats:
        """(channels, n) the next windows' sound, overlapped and added."""
        hop, size = self._hop, self._window
        frames = sliding_window_view(self._held, size, axis=1)[:, ::hop][:, :_AT_ONCE]
        spectra = np.fft.rfft(frames * self._shape, axis=2)
        power = (np.abs(spectra) ** 2).mean(axis=0)  # (frames, bins): one change for all channels
        changed = np.fft.irfft(spectra * self._gains(power), n=size, axis=2) * self._shape
        total = np.zeros((len(self._held), size - hop + _AT_ONCE * hop), np.float32)
        total[:, : size - hop] = self._tail
        for number in range(_AT_ONCE):
            total[:, number * hop : number * hop + size] += changed[:, number] / (_OVERLAP / 2)
        self._tail = total[:, _AT_ONCE * hop :]
        return total[:, : _AT_ONCE * hop]

    def _gains(self, power: Reals) -> Reals:
        """(frames, bins) factors that put the moved outline in place of the old one."""
        outlines = _outlines(power, self._quefrencies)
        moved = np.empty_like(outlines)
        for number, outline in enumerate(outlines):
            second = (self._frame + number - _OVERLAP // 2 + 1) * self._hop / self._sr
            moved[number] = np.interp(self._outline(max(0.0, second), self._hz), self._hz, outline)
        gains = np.exp(np.clip(moved - outlines, -_MOST, _MOST))
        kept = power.sum(axis=1) / np.maximum((power * gains**2).sum(axis=1), _FLOOR)
        return np.asarray(gains * np.sqrt(np.minimum(kept, np.exp(2 * _MOST)))[:, None], np.float64)


def _outlines(power: Reals, quefrencies: int) -> Reals:
    """(frames, bins) the smooth course of the logarithm of the magnitude."""
    logs = 0.5 * np.log(power + _FLOOR * (1 + power.max(axis=1, keepdims=True)))
    cepstra = np.fft.irfft(logs, axis=1)
    cepstra[:, quefrencies : cepstra.shape[1] - quefrencies + 1] = 0
    return np.asarray(np.fft.rfft(cepstra, axis=1).real, np.float64)
