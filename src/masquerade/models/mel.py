"""Mel spectrograms: how sound is handed to networks that do not take samples.

Bands are Slaney's (Auditory Toolbox, 1998), as librosa and Whisper have them: linear below 1 kHz,
logarithmic above, each of unit area.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

SR: Final = 16_000
HOP: Final = 160
N_FFT: Final = 400
_LINEAR_HZ: Final = 200 / 3  # per mel below 1 kHz
_CORNER_HZ: Final = 1000.0
_CORNER_MEL: Final = _CORNER_HZ / _LINEAR_HZ
_LOG_STEP: Final = np.log(6.4) / 27  # per mel above


def mel(samples: NDArray[np.float32], bands: int) -> NDArray[np.float32]:
    """The power in each band, every 10 ms, in windows of 25 ms centred on their time.

    Args:
        samples: (n,) at 16 kHz; at least 201 of them, since the ends are mirrored.
        bands: Number of bands from 0 to 8 kHz.

    Returns:
        (n // 160 + 1, bands) float32.

    Example:
        >>> mel(np.zeros(16_000, np.float32), 40).shape
        (101, 40)
    """
    padded = np.pad(samples, N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    spectrum = np.fft.rfft(frames * _window(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
    return np.asarray(power @ _filters(bands), np.float32)


@cache
def _window() -> NDArray[np.float32]:
    """A periodic Hann window."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT), np.float32)


@cache
def _filters(bands: int) -> NDArray[np.float32]:
    """(201, bands) float32 triangles."""
    top = _CORNER_MEL + np.log(SR / 2 / _CORNER_HZ) / _LOG_STEP
    mels = np.linspace(0.0, top, bands + 2)
    edges = np.where(
        mels < _CORNER_MEL,
        mels * _LINEAR_HZ,
        _CORNER_HZ * np.exp(_LOG_STEP * (mels - _CORNER_MEL)),
    )
    bins = np.fft.rfftfreq(N_FFT, 1 / SR)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (edges[2:] - edges[:-2]), np.float32)
