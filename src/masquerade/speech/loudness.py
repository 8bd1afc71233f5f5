"""How loud a voice is at each moment, and whether somebody speaks then, from the sound alone."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.speech.mono import mono
from masquerade.types import Audio

Floats = NDArray[np.float32]

_WINDOW_S: Final = 0.03
_RANGE_DB: Final = 30.0  # from the voice's usual level down, that counts as 0
_SILENT_DB: Final = -75.0  # of full scale, below which there is no voice
_ABOVE_DB: Final = 8.0  # above its usual level, that counts as 1


def loudness(sound: Audio, times_s: NDArray[np.float64]) -> Floats:
    """(n,) in [0, 1]: 0 silent, about 0.8 as loud as the voice usually is, 1 louder.

    Args:
        sound: Mono at 16 kHz.
        times_s: (n,) seconds on its file's clock.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    samples = mono(sound).astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(samples**2)])
    middle = (times_s - float(sound.start_s)) * sound.sr
    reach = _WINDOW_S * sound.sr / 2
    low = np.clip(np.rint(middle - reach), 0, len(samples)).astype(np.int64)
    high = np.clip(np.rint(middle + reach), 0, len(samples)).astype(np.int64)
    power = (total[high] - total[low]) / np.maximum(high - low, 1)
    level = 10 * np.log10(power + 1e-10)
    heard = level[level > max(float(level.max(initial=-100.0)) - 40, _SILENT_DB)]
    usual = float(np.median(heard)) if len(heard) else 0.0
    share = (level - usual + _RANGE_DB) / (_RANGE_DB + _ABOVE_DB)
    return np.asarray(np.clip(share, 0, 1), np.float32)
