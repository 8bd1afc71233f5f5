"""Pitch of a voice by autocorrelation, and which of a sound is voiced."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

HOP_S: Final = 0.01
LOWEST_HZ: Final = 70.0
HIGHEST_HZ: Final = 400.0
VOICED: Final = 0.45
"""Correlation from which a frame counts as voiced."""
_FRAME_S: Final = 0.04
_BEND: Final = 0.03  # how much a longer period must correlate better: against octave errors
_MEDIAN: Final = 5
_QUIET_DB: Final = 30.0  # below the loudest tenth of frames, where hum would pass for a voice
_CHUNK: Final = 4000


def pitch(
    samples: NDArray[np.floating], sr: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """((t,) pitch in Hz, 0 where unvoiced; (t,) correlation in [-1, 1]) every 10 ms.

    The autocorrelation of each frame is divided by its window's (Boersma, "Accurate short-term
    analysis of the fundamental frequency", 1993); a median over five frames takes out slips.

    Args:
        samples: (n,) mono; frame k is centred at k x 10 ms.
        sr: Samples per second.

    Example:
        >>> round(float(np.median(pitch(np.sin(np.arange(16000) * 0.05), 16000)[0])))
        127
    """
    size, hop = int(_FRAME_S * sr), int(HOP_S * sr)
    padded = np.pad(np.asarray(samples, np.float32), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    starts = range(0, len(frames), _CHUNK)
    parts = [_of(frames[at : at + _CHUNK], sr) for at in starts]
    hertz = np.concatenate([one for one, _ in parts])
    strength = np.concatenate([other for _, other in parts])
    level = np.concatenate([np.square(frames[at : at + _CHUNK]).mean(axis=1) for at in starts])
    loud = level > np.quantile(level, 0.9) * 10 ** (-_QUIET_DB / 10)
    hertz = np.where((strength >= VOICED) & loud, hertz, 0)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(hertz, _MEDIAN // 2, mode="edge"), _MEDIAN
    )
    return np.median(around, axis=1).astype(np.float32), strength.astype(np.float32)


def _of(frames: NDArray[np.float32], sr: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pitch and correlation of each frame."""
    size = frames.shape[1]
    window = np.hanning(size).astype(np.float32)
    calm = (frames - frames.mean(axis=1, keepdims=True)) * window
    length = 2 * size
    alike = np.fft.irfft(np.abs(np.fft.rfft(calm, length)) ** 2, length)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, length)) ** 2, length)
    low, high = int(sr / HIGHEST_HZ), int(sr / LOWEST_HZ)
    scale = np.maximum(alike[:, :1], 1e-9)
    found = alike[:, low : high + 1] / scale / (own[low : high + 1] / own[0])
    lags = np.arange(low, high + 1)
    best = np.argmax(found - _BEND * np.log2(lags / low), axis=1)
    strength = np.take_along_axis(found, best[:, None], 1)[:, 0]
    return (sr / (best + low)).astype(np.float32), np.clip(strength, -1, 1).astype(np.float32)
