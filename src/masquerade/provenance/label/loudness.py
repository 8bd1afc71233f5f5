"""How loud a sound is to the ear, by ITU-R BS.1770-5: K-weighted, gated."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from masquerade.types import Audio

_BLOCK_S: Final = 0.4
_SILENT_LUFS: Final = -70.0
_BELOW_MEAN_LU: Final = 10.0
_OFFSET: Final = -0.691
# The two filters of the recommendation, for 48 kHz: (numerator, denominator) of each.
_FILTERS: Final = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
)


def loudness_lufs(sound: Audio) -> float:
    """Integrated loudness in LUFS; -inf for silence, and for less than 0.4 s.

    All channels count alike: the recommendation lets surround channels count more.

    Example:
        >>> tone = np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000)
        >>> round(loudness_lufs(Audio(tone[None].astype(np.float32), 48_000)), 1)
        -3.0
    """
    size = round(_BLOCK_S * sound.sr)
    if sound.samples.shape[1] < size:
        return -np.inf
    weights = _weights(size, sound.sr)
    power = np.zeros(0)
    for channel in sound.samples:
        blocks = sliding_window_view(channel, size)[:: size // 4]
        own = np.array([_power(block, weights) for block in blocks])
        power = own if not len(power) else power + own
    loud = power[power > 10 ** ((_SILENT_LUFS - _OFFSET) / 10)]
    if not len(loud):
        return -np.inf
    loud = loud[loud > loud.mean() * 10 ** (-_BELOW_MEAN_LU / 10)]
    return float(_OFFSET + 10 * np.log10(loud.mean()))


def _power(block: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
    """Mean square of a block after the filters."""
    return float((np.abs(np.fft.rfft(block)) ** 2) @ weights)


def _weights(size: int, sr: int) -> NDArray[np.float64]:
    """(bins,) what the power of each bin of a block adds to the mean square."""
    hz = np.minimum(np.fft.rfftfreq(size, 1 / sr), 23_000)
    delay = np.exp(-2j * np.pi * hz / 48_000)
    gain = np.ones(len(hz), np.complex128)
    for (b0, b1, b2), (a1, a2) in _FILTERS:
        gain *= (b0 + b1 * delay + b2 * delay**2) / (1 + a1 * delay + a2 * delay**2)
    twice = np.full(len(hz), 2.0)
    twice[0] = 1.0
    if size % 2 == 0:
        twice[-1] = 1.0
    return np.asarray(twice * np.abs(gain) ** 2 / size**2, np.float64)
