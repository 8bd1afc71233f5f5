"""What is heard in each fiftieth of a second of speech, as lips could follow it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speech_content import HOP, SIZE, SR, SpeechContent, log_mel
from masquerade.speech.content import content_frames
from masquerade.speech.mono import mono
from masquerade.types import Audio

STEP_S: Final = Fraction(2 * HOP, SR)
"""Seconds from one row to the next."""
BANDS: Final = 40
_LEAST: Final = SR // 10  # samples below which there is nothing to be heard


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech; each kind of feature has its mean over the stretch taken off.

    Attributes:
        mel: (n, 40) float32 logarithm of the power by band.
        early: (n, 384) float32 which sound is made.
        late: (n, 384) float32 which sound, among the words around it.
        start_s: Time of the first row, in seconds.
    """

    mel: NDArray[np.float32]
    early: NDArray[np.float32]
    late: NDArray[np.float32]
    start_s: float

    def __len__(self) -> int:
        return len(self.mel)

    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds."""
        return np.asarray(self.start_s + np.arange(len(self)) * float(STEP_S), np.float64)


def hear(sound: Audio, content: SpeechContent) -> Heard:
    """What is heard in a sound.

    Args:
        sound: Mono at 16 kHz; one voice.
        content: From `SpeechContent.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    samples = mono(sound)
    if len(samples) < _LEAST:
        empty = np.zeros((0, SIZE), np.float32)
        return Heard(np.zeros((0, BANDS), np.float32), empty, empty, float(sound.start_s))
    mel = _pairs(log_mel(samples))
    early, late = content_frames(sound, content)
    rows = min(len(mel), len(early))
    around = [one[:rows] - one[:rows].mean(axis=0) for one in (mel, early, late)]
    return Heard(around[0], around[1], around[2], float(sound.start_s))


def _pairs(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n // 2, 40) of (80, n): neighbouring bands averaged, and neighbouring hops."""
    half = bands.reshape(BANDS, -1, bands.shape[1]).mean(axis=1)
    rows = half.shape[1] // 2
    return np.asarray(half[:, : 2 * rows].reshape(BANDS, rows, 2).mean(axis=2).T, np.float32)
