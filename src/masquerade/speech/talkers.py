"""How long somebody is heard under another's voice, and never alone."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.talkers import FIRST, FRAMES, SAMPLES, SR, STEP, Talkers

__all__ = ["Talkers", "beneath_s"]

_SPEAKS: Final = 0.5
_ALONE_S: Final = 1.6
"""Whoever is heard alone for so long in ten seconds can be measured there."""
_LEAST: Final = SR


def beneath_s(speech: NDArray[np.float32], talkers: Talkers) -> float:
    """Seconds in which two speak at once, of whom one is not heard alone in the ten seconds around.

    Args:
        speech: (n,) at 16 kHz, of any length and loudness.
        talkers: From `Talkers.open`.

    Example:
        >>> beneath_s(speech, Talkers.open())  # doctest: +SKIP
        0.0
    """
    parts = (speech[at : at + SAMPLES] for at in range(0, len(speech), SAMPLES))
    return sum(_beneath_s(part, talkers) for part in parts if len(part) >= _LEAST)


def _beneath_s(window: NDArray[np.float32], talkers: Talkers) -> float:
    frames = min(FRAMES, (len(window) - FIRST) // STEP)
    speaks = talkers(np.pad(window, (0, SAMPLES - len(window))))[:frames] > _SPEAKS
    several = speaks.sum(axis=1) > 1
    alone_s = (speaks & ~several[:, None]).sum(axis=0) * STEP / SR
    unknown = (speaks & (alone_s < _ALONE_S)).any(axis=1)
    return float((several & unknown).sum()) * STEP / SR
