"""Which phones are spoken in a sound of any length, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.models.phone_recogniser import SR, Phone, PhoneRecogniser
from masquerade.types import Audio

__all__ = ["BILABIALS", "Phone", "phones"]

BILABIALS: Final = frozenset({"B", "M", "P"})
"""Phones for which the lips must close."""
_PART_S: Final = 30.0  # parts that are heard one by one
_SLACK_S: Final = 5.0  # how far before its end a part may be cut, to cut in a pause
_QUIET_S: Final = 0.05


def phones(sound: Audio, recogniser: PhoneRecogniser) -> list[Phone]:
    """The phones of a sound in order, pauses included, on the clock of its file.

    Args:
        sound: Mono at 16 kHz.
        recogniser: From `PhoneRecogniser.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.
        ModelError: The recogniser failed.
    """
    if sound.sr != SR or len(sound.samples) != 1:
        raise UsageError(f"sound of {len(sound.samples)} channels at {sound.sr} Hz", "mono, 16 kHz")
    samples = sound.samples[0]
    found: list[Phone] = []
    start = 0
    while start < len(samples):
        end = _cut(samples, start)
        shift = float(sound.start_s) + start / SR
        found += [
            replace(one, start_s=one.start_s + shift, end_s=one.end_s + shift)
            for one in recogniser(samples[start:end])
        ]
        start = end
    return found


def _cut(samples: NDArray[np.float32], start: int) -> int:
    """Where a part ends that begins at `start`: at the quietest place near its longest."""
    last = start + int(_PART_S * SR)
    if last >= len(samples):
        return len(samples)
    size = int(_QUIET_S * SR)
    near = samples[last - int(_SLACK_S * SR) : last]
    power = (near[: len(near) // size * size].reshape(-1, size) ** 2).mean(axis=1)
    return last - int(_SLACK_S * SR) + int(np.argmin(power)) * size + size // 2
