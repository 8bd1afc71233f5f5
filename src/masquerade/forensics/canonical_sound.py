"""Speech brought to one form, in which level, silence, sample rate and codec tell little.

Left as they are, these tell recordings from synthetic speech almost perfectly, and mean nothing:
data sets differ in them. `masquerade.forensics.voice_traces` describes what remains.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SR: Final = 16_000
HOP: Final = 160
BANDS: Final = 80
FRAMES: Final = 128
"""Frames of one window: 1.28 s."""
STEP: Final = 64
"""Frames from window to window."""
_SIZE: Final = 512
_PASS_HZ: Final = (60.0, 7000.0)
_TAPS: Final = 513
_QUIET_DB: Final = 35.0  # below the loud parts; edges that are quieter are cut off
_LEVEL_FRAME: Final = 400
_PEAK: Final = 0.9
_DITHER: Final = 1.5e-3
_FLOOR: Final = 1e-6


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
    sounding = np.flatnonzero(loud(clean))
    first = int(sounding[0]) * HOP
    last = min(len(clean), int(sounding[-1]) * HOP + _LEVEL_FRAME)
    part = clean[first:last]
    noise = np.random.default_rng(0).standard_normal(len(part), dtype=np.float32)
    return part * np.float32(_PEAK / np.abs(part).max()) + np.float32(_DITHER) * noise, first


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


def loud(samples: Floats) -> NDArray[np.bool_]:
    """(t,) which frames are not far quieter than the loudest twentieth: 25 ms, every 10 ms.

    Args:
        samples: (n,) at 16 kHz.
    """
    total = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(0, max(len(samples) - _LEVEL_FRAME, 0) + 1, HOP)
    ends = np.minimum(starts + _LEVEL_FRAME, len(samples))
    level = 10 * np.log10((total[ends] - total[starts]) / _LEVEL_FRAME + 1e-12)
    return np.asarray(level >= float(np.quantile(level, 0.95)) - _QUIET_DB)
