"""Speech brought to one form, in which level, silence, sample rate and codec tell little.

Left as they are, these tell recordings from synthetic speech almost perfectly, and mean nothing:
data sets differ in them. What remains is cut into short windows of log energies in evenly spaced
bands, each band without its mean, so that microphone and room count for less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.types import Audio

Floats = NDArray[np.float32]

SR: Final = 16_000
HOP: Final = 160
BANDS: Final = 80
FRAMES: Final = 128
"""Frames of one window: 1.28 s."""
_STEP: Final = 64  # frames from window to window
_SIZE: Final = 512
_PASS_HZ: Final = (60.0, 7000.0)
_TAPS: Final = 513
_QUIET_DB: Final = 35.0  # below the loud parts; edges that are quieter are cut off
_LEVEL_FRAME: Final = 400
_PEAK: Final = 0.9
_DITHER: Final = 4e-4
_FLOOR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of a sound, ready for a network.

    Attributes:
        features: (n, 1, BANDS, FRAMES) float32.
        starts_s: (n,) seconds from the start of the sound.
        loud: (n,) share of each window that is not far quieter than the loud parts.
    """

    features: Floats
    starts_s: NDArray[np.float64]
    loud: Floats


def canonical(samples: NDArray[np.floating]) -> tuple[Floats, int]:
    """(The sound in its one form, samples cut off before it); empty where all is silence.

    Band-passed from 60 Hz to 7 kHz, quiet edges cut off, brought to one peak, and a fixed soft
    noise laid over.

    Args:
        samples: (n,) mono at 16 kHz.
    """
    if len(samples) < _LEVEL_FRAME:
        return np.zeros(0, np.float32), 0
    clean = _band_passed(np.asarray(samples, np.float32))
    level = np.abs(clean)
    if float(level.max()) < 1e-5:
        return np.zeros(0, np.float32), 0
    sounding = np.flatnonzero(_loud(clean))
    first = int(sounding[0]) * HOP
    last = min(len(clean), int(sounding[-1]) * HOP + _LEVEL_FRAME)
    part = clean[first:last]
    noise = np.random.default_rng(0).standard_normal(len(part), dtype=np.float32)
    return part * np.float32(_PEAK / np.abs(part).max()) + np.float32(_DITHER) * noise, first


def windows(sound: Audio) -> Windows:
    """Every window of 1.28 s of a sound, half overlapping; none where it is shorter.

    Args:
        sound: Mono, 16 kHz.

    Raises:
        UsageError: It has another rate or more channels.
    """
    if sound.sr != SR or len(sound.samples) != 1:
        raise UsageError(f"sound of {sound.sr} Hz", f"{SR} Hz, mono")
    clean, first = canonical(sound.samples[0])
    bands = log_bands(clean)
    starts = np.arange(0, bands.shape[1] - FRAMES + 1, _STEP)
    if not len(starts):
        empty = np.zeros((0, 1, BANDS, FRAMES), np.float32)
        return Windows(empty, np.zeros(0), np.zeros(0, np.float32))
    loud = _loud(clean).astype(np.float32)
    features = np.stack([centred(bands[:, at : at + FRAMES]) for at in starts])[:, None]
    share = np.array([loud[at : at + FRAMES].mean() for at in starts], np.float32)
    return Windows(features, (starts * HOP + first) / SR, share)


def log_bands(clean: Floats) -> Floats:
    """(BANDS, t) natural logarithm of the energy in each band, every 10 ms.

    Args:
        clean: From `canonical`.
    """
    if len(clean) < _SIZE:
        return np.zeros((BANDS, 0), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(clean, _SIZE)[::HOP]
    window = np.hanning(_SIZE).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    energy = _filters() @ power.T.astype(np.float32)
    return np.asarray(np.log(energy + np.float32(_FLOOR)), np.float32)


def centred(bands: Floats) -> Floats:
    """A window with the mean of each band taken out, in units of about one.

    Args:
        bands: (BANDS, t).
    """
    return np.asarray((bands - bands.mean(axis=1, keepdims=True)) / np.float32(3), np.float32)


def _filters() -> Floats:
    """(BANDS, bins) triangles at even distances up to 7 kHz (Sahidullah et al., 2015)."""
    hertz = np.fft.rfftfreq(_SIZE, 1 / SR)
    edges = np.linspace(0, _PASS_HZ[1], BANDS + 2)
    up = (hertz[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz[None]) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down)).astype(np.float32)


def _band_passed(samples: Floats) -> Floats:
    """Through a windowed sinc, without delay."""
    places = np.arange(_TAPS) - _TAPS // 2
    low, high = (2 * edge / SR for edge in _PASS_HZ)
    taps = (high * np.sinc(high * places) - low * np.sinc(low * places)) * np.hamming(_TAPS)
    length = len(samples) + _TAPS - 1
    size = 1 << (length - 1).bit_length()
    mean = samples.mean()
    both = np.fft.rfft(samples - mean, size) * np.fft.rfft(taps.astype(np.float32), size)
    whole = np.fft.irfft(both, size)[_TAPS // 2 : _TAPS // 2 + len(samples)]
    return np.asarray(whole, np.float32)


def _loud(samples: Floats) -> NDArray[np.bool_]:
    """(t,) frames of 25 ms, every 10 ms, that are not far quieter than the loudest twentieth."""
    total = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, max(len(samples) - _LEVEL_FRAME, 0) + 1, HOP)
    ends = np.minimum(starts + _LEVEL_FRAME, len(samples))
    level = 10 * np.log10((total[ends] - total[starts]) / _LEVEL_FRAME + 1e-12)
    return np.asarray(level >= float(np.quantile(level, 0.95)) - _QUIET_DB)
