"""Short-time spectra and what vocoders make of them: envelopes, minimum phase, pulse trains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Spectrum = NDArray[np.complex64]


def stft(samples: NDArray[np.floating], size: int, hop: int) -> Spectrum:
    """(t, size // 2 + 1) spectra of Hann windows centred at k x hop."""
    padded = np.pad(np.asarray(samples, np.float32), (size // 2, size // 2 + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    return np.fft.rfft(frames * _hann(size), axis=1).astype(np.complex64)


def istft(spectrum: Spectrum, size: int, hop: int, length: int) -> Floats:
    """(length,) samples whose spectra come nearest (weighted overlap-add)."""
    window = _hann(size)
    frames = np.fft.irfft(spectrum, size, axis=1).astype(np.float32) * window
    made = np.zeros((len(frames) - 1) * hop + size, np.float32)
    weight = np.zeros_like(made)
    for place, frame in enumerate(frames):
        made[place * hop : place * hop + size] += frame
        weight[place * hop : place * hop + size] += window * window
    whole = made / np.maximum(weight, np.float32(1e-3))
    whole = whole[size // 2 : size // 2 + length]
    return np.pad(whole, (0, length - len(whole)))


def mel_filters(count: int, size: int, sr: int) -> Floats:
    """(count, bins) triangles of equal area on the mel scale (O'Shaughnessy, 1987)."""
    hertz = np.fft.rfftfreq(size, 1 / sr)
    mels = np.linspace(0, 2595 * np.log10(1 + sr / 2 / 700), count + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    up = (hertz[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz[None]) / (edges[2:] - edges[1:-1])[:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(up, down)) * area[:, None]).astype(np.float32)


def smoothed_envelope(magnitude: Floats, hertz: Floats, sr: int) -> Floats:
    """Magnitudes without their harmonics: a cepstrum cut below the pitch's period.

    Args:
        magnitude: (t, bins).
        hertz: (t,) pitch, 0 where unvoiced.
        sr: Samples per second.
    """
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, 1e-5)), axis=1)
    size = cepstrum.shape[1]
    period = np.where(hertz > 0, sr / np.maximum(hertz, 60), sr / 160)[:, None]
    quefrency = np.minimum(np.arange(size), size - np.arange(size))[None]
    lifter = np.clip(1.5 - quefrency / (0.5 * period), 0, 1)
    return np.exp(np.fft.rfft(cepstrum * lifter, axis=1).real).astype(np.float32)


def minimum_phase(magnitude: Floats) -> Spectrum:
    """Spectra with these magnitudes and the least delay: the folded cepstrum."""
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, 1e-6)), axis=1)
    size = cepstrum.shape[1]
    fold = np.zeros(size)
    fold[0] = fold[size // 2] = 1
    fold[1 : size // 2] = 2
    return np.exp(np.fft.rfft(cepstrum * fold, axis=1)).astype(np.complex64)


def band_limited_pulses(hertz: Floats, hop: int, sr: int, length: int) -> Floats:
    """(length,) every harmonic of a pitch below half the rate, each of amplitude 1.

    Args:
        hertz: (t,) pitch every `hop` samples, 0 where there are none.
        hop: Samples from one pitch to the next.
        sr: Samples per second.
        length: Samples wanted.
    """
    times = np.arange(length) / hop
    frames = np.arange(len(hertz))
    voiced = np.interp(times, frames, hertz > 0) > 0.5
    known = np.flatnonzero(hertz > 0)
    if len(known) < 2:
        return np.zeros(length, np.float32)
    steady = np.interp(times, known, hertz[known])
    angle = 2 * np.pi * np.cumsum(steady) / sr
    count = np.floor(0.49 * sr / steady)
    below = 2 * np.sin(angle / 2)
    small = np.abs(below) < 1e-4
    # The closed sum of cosines (Dirichlet kernel).
    total = np.sin((count + 0.5) * angle) / np.where(small, 1, below) - 0.5
    return (np.where(small, count, total) * voiced).astype(np.float32)


def _hann(size: int) -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
