"""Sound as the networks of speech hear it: one channel, 16 kHz, every sample a number."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.types import Audio

SR: Final = 16_000


def mono(sound: Audio) -> NDArray[np.float32]:
    """The samples of a sound, those that are no finite number made silent.

    Args:
        sound: Mono at 16 kHz, as `read_audio(path, sr=16_000, mono=True)` gives it.

    Returns:
        (n,) float32.

    Raises:
        UsageError: The sound is of another rate, or not mono.

    Example:
        >>> mono(Audio(np.zeros((1, 160), np.float32), 16_000)).shape
        (160,)
    """
    if sound.sr != SR or len(sound.samples) != 1:
        raise UsageError(f"sound of {len(sound.samples)} channels at {sound.sr} Hz", "mono, 16 kHz")
    samples = sound.samples[0]
    return np.where(np.isfinite(samples), samples, np.float32(0)).astype(np.float32, copy=False)
