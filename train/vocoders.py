"""Vocoders that copy real speech: the same words and voice, made anew from a few parameters.

Each takes speech apart as a family of synthesisers does and puts it together again, so that a
detector can be taught what that leaves behind, on pairs that differ in nothing else (Wang and
Yamagishi, "Spoofed training data for speech spoofing countermeasure can be efficiently created
using neural vocoders", 2023). All are signal processing and written from the papers named.
Settings are drawn anew for every copy.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.pitch import HOP_S, pitch
from train.spectra import (
    band_limited_pulses,
    istft,
    mel_filters,
    minimum_phase,
    smoothed_envelope,
    stft,
)

Floats = NDArray[np.float32]
Vocoder = Callable[[Floats, np.random.Generator], Floats]

SR: Final = 16_000
_TINY: Final = 1e-5


def griffin_lim(samples: Floats, rng: np.random.Generator) -> Floats:
    """From magnitudes alone (Griffin and Lim, 1984; momentum: Perraudin et al., 2013)."""
    size = int(rng.choice([512, 800, 1024]))
    magnitude = np.abs(stft(samples, size, size // 4))
    return _phased(magnitude, size, size // 4, len(samples), rng, int(rng.integers(6, 40)))


def mel_griffin_lim(samples: Floats, rng: np.random.Generator) -> Floats:
    """From a mel spectrogram, as the first neural systems did (Tacotron, 2017)."""
    magnitude, size, hop = _from_mels(samples, rng)
    return _phased(magnitude, size, hop, len(samples), rng, int(rng.integers(12, 40)))


def peak_phase(samples: Floats, rng: np.random.Generator) -> Floats:
    """One pass over the magnitudes, phases carried on at their peaks (Beauregard et al., 2015)."""
    if rng.random() < 0.6:
        magnitude, size, hop = _from_mels(samples, rng)
    else:
        size, hop = 1024, int(rng.choice([128, 256]))
        magnitude = np.abs(stft(samples, size, hop))
    phase = np.zeros(magnitude.shape[1], np.float64)
    spectrum = np.empty(magnitude.shape, np.complex64)
    # Frames begin half a window before their middle, which turns every other bin about.
    turned = (-1.0) ** np.arange(magnitude.shape[1])
    for place, row in enumerate(magnitude):
        phase = (phase + _advance(row, size, hop)) % (2 * np.pi)
        spectrum[place] = row * turned * np.exp(1j * phase)
    return istft(spectrum, size, hop, len(samples))


def lpc(samples: Floats, rng: np.random.Generator) -> Floats:
    """Pulses or noise through an all-pole filter (Atal and Hanauer, 1971)."""
    size, hop, order = 640, 160, int(rng.integers(14, 27))
    frames = np.abs(stft(samples, size, hop)) ** 2
    gain, poles = _levinson(np.fft.irfft(frames, axis=1)[:, : order + 1])
    filters = (gain[:, None] / np.fft.rfft(poles, size, axis=1)).astype(np.complex64)
    hertz, strength = _pitch_at(samples, len(filters), hop)
    voiced = np.clip((strength - 0.3) / 0.4, 0, 1)[:, None] * (hertz > 0)[:, None]
    if rng.random() < 0.3:
        voiced = (voiced > 0.5).astype(np.float32)
    return _excited(filters, voiced, hertz, size, hop, len(samples), rng)


def world_like(samples: Floats, rng: np.random.Generator) -> Floats:
    """Pitch, smooth envelope and noisiness of each band (after WORLD, Morise et al., 2016)."""
    size, hop = 1024, 80 if rng.random() < 0.5 else 160
    magnitude = np.abs(stft(samples, size, hop))
    hertz, strength = _pitch_at(samples, len(magnitude), hop)
    envelope = smoothed_envelope(magnitude, hertz, SR)
    if rng.random() < 0.5:
        envelope = _blurred(envelope, rng)
    filters = minimum_phase(envelope)
    bins = np.linspace(0, 1, magnitude.shape[1], dtype=np.float32)
    # Noise takes over above a frequency that rises with how periodic the voice is.
    turn = np.clip(1.6 * strength - 0.35, 0.05, 1)[:, None] * rng.uniform(0.7, 1.1)
    voiced = (hertz > 0)[:, None] / (1 + np.exp((bins[None] - turn) / 0.06))
    return _excited(filters, voiced, hertz, size, hop, len(samples), rng)


def harmonic_noise(samples: Floats, rng: np.random.Generator) -> Floats:
    """Sums of harmonics and shaped noise (Stylianou, 2001; Serra and Smith, 1990)."""
    size, hop = 1024, int(rng.choice([80, 160]))
    spectrum = stft(samples, size, hop)
    hertz, strength = _pitch_at(samples, len(spectrum), hop)
    envelope = smoothed_envelope(np.abs(spectrum), hertz, SR)
    top_hz = np.clip(2000 + 9000 * (strength - 0.45), 1500, 7500) * (hertz > 0)
    phases = rng.uniform(0, 2 * np.pi, 120) * rng.choice([0.0, 1.0])
    voice = _harmonics(envelope, hertz, top_hz, phases, hop, len(samples))
    bins = np.linspace(0, SR / 2, envelope.shape[1])
    share = np.where(bins[None] > top_hz[:, None], 1.0, rng.uniform(0.02, 0.15))
    noise = _white(len(samples), size, hop, rng) * (envelope * share)
    return voice + istft(noise.astype(np.complex64), size, hop, len(samples))


def source_phase(samples: Floats, rng: np.random.Generator) -> Floats:
    """Magnitudes from mels with the phases of a pulse train and noise (neural source-filter)."""
    if rng.random() < 0.7:
        magnitude, size, hop = _from_mels(samples, rng)
    else:
        size, hop = 1024, 256
        magnitude = np.abs(stft(samples, size, hop))
    hertz, strength = _pitch_at(samples, len(magnitude), hop)
    pulses = band_limited_pulses(hertz, hop, SR, len(samples))
    source = stft(pulses + _noise(len(samples), rng) * rng.uniform(0.003, 0.03), size, hop)
    chance = np.exp(2j * np.pi * rng.random(source.shape))
    bins = np.linspace(0, 1, magnitude.shape[1])
    voiced = (hertz > 0)[:, None] & (bins[None] < np.clip(1.5 * strength, 0.1, 1)[:, None])
    phase = np.where(voiced, source / np.maximum(np.abs(source), _TINY), chance)
    first = istft((magnitude * phase).astype(np.complex64), size, hop, len(samples))
    for _ in range(int(rng.integers(0, 4))):
        again = stft(first, size, hop)
        phase = again / np.maximum(np.abs(again), _TINY)
        first = istft((magnitude * phase).astype(np.complex64), size, hop, len(samples))
    return first


VOCODERS: Final = MappingProxyType(
    {
        "griffin_lim": griffin_lim,
        "harmonic_noise": harmonic_noise,
        "lpc": lpc,
        "mel_griffin_lim": mel_griffin_lim,
        "peak_phase": peak_phase,
        "source_phase": source_phase,
        "world_like": world_like,
    }
)
"""Every vocoder by name: ``copy = VOCODERS[name](samples, rng)``, (n,) float32 at 16 kHz."""


def nearer(samples: Floats, copy: Floats, rng: np.random.Generator) -> Floats:
    """A copy brought nearer to what it was copied from, as better synthesisers come nearer.

    Its phases stay; its magnitudes become those of the original by a share, or below or above a
    frequency.

    Args:
        samples: (n,) the original.
        copy: (n,) of it, in step with it.
        rng: Decides how.
    """
    size, hop = 1024, 256
    one, other = stft(samples, size, hop), stft(copy, size, hop)
    real, made = (np.maximum(np.abs(spectrum), _TINY) for spectrum in (one, other))
    made = made * np.sqrt(np.square(real).mean() / np.square(made).mean())
    share = np.full(real.shape[1], rng.uniform(0.2, 0.95), np.float32)
    if rng.random() < 0.4:
        turn = int(rng.uniform(0.1, 0.6) * len(share))
        share[slice(0, turn) if rng.random() < 0.5 else slice(turn, None)] = 1
    level = real**share * made ** (1 - share)
    phase = other / np.maximum(np.abs(other), _TINY)
    return istft((level * phase).astype(np.complex64), size, hop, len(samples))


def _from_mels(samples: Floats, rng: np.random.Generator) -> tuple[Floats, int, int]:
    """(Magnitudes as far as mels hold them, size, hop); half the time blurred as models blur."""
    size, hop = 1024, int(rng.choice([200, 256]))
    filters = mel_filters(int(rng.choice([64, 80, 100, 128])), size, SR)
    mels = np.abs(stft(samples, size, hop)) @ filters.T
    if rng.random() < 0.5:
        mels = _blurred(mels, rng)
    back = np.maximum(mels @ np.linalg.pinv(filters).T.astype(np.float32), 0)
    return back.astype(np.float32), size, hop


def _blurred(rows: Floats, rng: np.random.Generator) -> Floats:
    """Logarithms smoothed over time, as predicted spectrograms are."""
    weights = np.hanning(int(rng.choice([5, 7, 9])))[1:-1]
    some = np.log(np.maximum(rows, _TINY))
    half = len(weights) // 2
    padded = np.pad(some, ((half, half), (0, 0)), mode="edge")
    soft = sum(
        weight * padded[place : place + len(some)] for place, weight in enumerate(weights)
    ) / float(weights.sum())
    return np.asarray(np.exp(some + rng.uniform(0.3, 1.0) * (soft - some)), np.float32)


def _phased(
    magnitude: Floats,
    size: int,
    hop: int,
    length: int,
    rng: np.random.Generator,
    rounds: int,
) -> Floats:
    """Samples whose magnitudes come near those given."""
    momentum = 0.99 if rng.random() < 0.7 else 0.0
    phase = np.exp(2j * np.pi * rng.random(magnitude.shape)).astype(np.complex64)
    before = np.zeros_like(phase)
    for _ in range(rounds):
        now = stft(istft(magnitude * phase, size, hop, length), size, hop)
        phase = now - np.float32(momentum / (1 + momentum)) * before
        phase = phase / np.maximum(np.abs(phase), np.float32(1e-8))
        before = now
    return istft(magnitude * phase, size, hop, length)


def _advance(row: Floats, size: int, hop: int) -> NDArray[np.float64]:
    """Radians by which the phase of each bin goes on: that of the peak nearest to it."""
    padded = np.pad(row, 1)
    peaks = np.flatnonzero((padded[1:-1] > padded[:-2]) & (padded[1:-1] >= padded[2:]))
    if not len(peaks):
        return np.zeros(len(row))
    low, mid, high = (np.log(padded[peaks + shift] + 1e-9) for shift in (0, 1, 2))
    exact = peaks + np.clip(0.5 * (low - high) / np.minimum(low - 2 * mid + high, -1e-6), -0.5, 0.5)
    nearest = np.searchsorted((peaks[:-1] + peaks[1:]) / 2, np.arange(len(row)))
    return np.asarray(2 * np.pi * hop * exact[nearest] / size)


def _levinson(lags: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """(Gain, (t, order + 1) predictor) of each frame from its autocorrelation."""
    order = lags.shape[1] - 1
    wide = lags.astype(np.float64)
    wide[:, 0] = wide[:, 0] * 1.0001 + 1e-6
    poles = np.zeros_like(wide)
    poles[:, 0] = 1
    error = wide[:, 0].copy()
    for k in range(1, order + 1):
        reflected = -(poles[:, :k] * wide[:, k:0:-1]).sum(axis=1) / error
        poles[:, 1 : k + 1] += reflected[:, None] * poles[:, k - 1 :: -1][:, :k]
        error *= np.maximum(1 - reflected**2, 1e-6)
    return np.sqrt(error / wide.shape[1]).astype(np.float32), poles.astype(np.float32)


def _excited(
    filters: NDArray[np.complex64],
    voiced: NDArray[np.floating],
    hertz: Floats,
    size: int,
    hop: int,
    length: int,
    rng: np.random.Generator,
) -> Floats:
    """Pulses and noise, mixed by how voiced each band is, through the filter of each frame."""
    pulses = stft(band_limited_pulses(hertz, hop, SR, length), size, hop)
    noise = stft(_noise(length, rng), size, hop)
    # Both have unit power: a pulse train of unit cosines has half a unit for each harmonic.
    count = np.maximum(SR / 2 / np.maximum(hertz, 60), 1)[:, None]
    mixed = pulses * np.sqrt(2 / count) * np.sqrt(voiced) + noise * np.sqrt(1 - voiced)
    made = istft((mixed * filters).astype(np.complex64), size, hop, length)
    return made / np.float32(max(float(np.abs(made).max()), 1e-6)) * np.float32(0.7)


def _harmonics(
    envelope: Floats,
    hertz: Floats,
    top_hz: NDArray[np.floating],
    phases: NDArray[np.float64],
    hop: int,
    length: int,
) -> Floats:
    """Sum of the harmonics of a pitch, as loud as an envelope says."""
    times = np.arange(length) / hop
    frames = np.arange(len(hertz))
    known = np.flatnonzero(hertz > 0)
    if len(known) < 2:
        return np.zeros(length, np.float32)
    steady = np.interp(frames, known, hertz[known])
    phase = 2 * np.pi * np.cumsum(np.interp(times, frames, steady)) / SR
    made = np.zeros(length, np.float32)
    bins = envelope.shape[1] - 1
    for number in range(1, int(7500 / steady.min()) + 1):
        place = number * steady / (SR / 2) * bins
        there = (number * steady < top_hz) & (place < bins)
        if not there.any():
            continue
        level = envelope[frames, np.minimum(place, bins).astype(int)] * there
        loud = np.interp(times, frames, level).astype(np.float32)
        made += loud * np.cos(number * phase + phases[number % 120]).astype(np.float32)
    # A cosine of amplitude 1 peaks at a quarter of the window's size (Hann).
    return made * np.float32(4 / (2 * bins))


def _pitch_at(samples: Floats, count: int, hop: int) -> tuple[Floats, Floats]:
    """Pitch and how periodic, at each of `count` frames."""
    hertz, strength = pitch(samples, SR)
    places = np.minimum(np.rint(np.arange(count) * hop / (HOP_S * SR)).astype(int), len(hertz) - 1)
    return hertz[places], strength[places]


def _noise(length: int, rng: np.random.Generator) -> Floats:
    return rng.standard_normal(length, dtype=np.float32)


def _white(length: int, size: int, hop: int, rng: np.random.Generator) -> NDArray[np.complex64]:
    """Spectra of white noise of about unit magnitude."""
    return stft(_noise(length, rng), size, hop) / np.float32(np.sqrt(3 * size / 8))
