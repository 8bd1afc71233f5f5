"""Sound in frames: spectrum, loudness, and which of it is speech or pause."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.types import Audio

Floats = NDArray[np.float64]

FLOOR_DB: Final = -120.0
HOP_S: Final = 0.01
_FRAME_S: Final = 0.025
_PAUSE_DB: Final = 25.0  # below the loudest tenth
_CHUNK: Final = 20_000


def spectrogram(sound: Audio, *, hop_s: float = HOP_S) -> tuple[Floats, Floats]:
    """Power of short frames: (t, f) in squared units of full scale, and (f,) in Hz.

    Args:
        sound: Mono.
        hop_s: Seconds from frame to frame.
    """
    size, hop = int(_FRAME_S * sound.sr), max(1, int(hop_s * sound.sr))
    samples = sound.samples[0]
    hertz = np.asarray(np.fft.rfftfreq(size, 1 / sound.sr), np.float64)
    if len(samples) < size:
        return np.zeros((0, size // 2 + 1)), hertz
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    wave = np.hanning(size)
    parts = [
        np.abs(np.fft.rfft(windows[at : at + _CHUNK] * wave, axis=1)) ** 2
        for at in range(0, len(windows), _CHUNK)
    ]
    return np.asarray(np.concatenate(parts) / (wave.sum() ** 2 / 4), np.float64), hertz


def decibels(power: NDArray[np.floating]) -> Floats:
    """Power in dB below full scale, not below `FLOOR_DB`."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10))), np.float64)


def loudness_db(sound: Audio) -> Floats:
    """(t,) level of frames of 25 ms, every 10 ms, in dB below full scale (mean square).

    Args:
        sound: Mono.
    """
    size, hop = int(_FRAME_S * sound.sr), max(1, int(HOP_S * sound.sr))
    samples = sound.samples[0].astype(np.float64)
    if len(samples) < size:
        return np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(samples**2)])
    starts = np.arange(0, len(samples) - size + 1, hop)
    return decibels((total[starts + size] - total[starts]) / size)


def sounding(level_db: Floats) -> NDArray[np.bool_]:
    """(t,) where something sounds: not far below the loudest tenth, and not silence.

    Args:
        level_db: From `loudness_db`.
    """
    if not len(level_db):
        return np.zeros(0, bool)
    loud = float(np.quantile(level_db, 0.9))
    return np.asarray((level_db > loud - _PAUSE_DB) & (level_db > -70))
