"""The pitch of a voice through a sound of any length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.pitch import HOP, PitchNetwork
from masquerade.speech.mono import SR, mono
from masquerade.types import Audio

__all__ = ["Pitch", "PitchNetwork", "pitch"]

LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 450.0
_VOICED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pitch:
    """Pitch at regular times.

    Attributes:
        hz: (n,) float32, 0 where nothing is voiced.
        confidence: (n,) float32 in [0, 1].
        step_s: From one to the next; the first is at the sound's first sample.
    """

    hz: NDArray[np.float32]
    confidence: NDArray[np.float32]
    step_s: float

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
        """Pitch at other times, 0 where nothing is voiced.

        Between two voiced values it is interpolated on a logarithmic scale; the nearest says
        whether there is a voice.

        Args:
            times_s: (k,) seconds from the first sample.

        Returns:
            (k,) float32 in Hz.
        """
        if not self.hz.any():
            return np.zeros(len(times_s), np.float32)
        places = times_s / self.step_s
        nearest = np.clip(np.rint(places).astype(int), 0, len(self.hz) - 1)
        voiced = np.flatnonzero(self.hz)
        smooth = np.exp(np.interp(places, voiced, np.log(self.hz[voiced])))
        return np.where(self.hz[nearest] > 0, smooth, 0).astype(np.float32)


def pitch(
    sound: Audio,
    network: PitchNetwork,
    *,
    lowest_hz: float = LOWEST_HZ,
    highest_hz: float = HIGHEST_HZ,
) -> Pitch:
    """The pitch of a voice every 16 ms.

    Args:
        sound: Mono at 16 kHz, of any length.
        network: From `PitchNetwork.open`.
        lowest_hz: Lower pitches are not looked for.
        highest_hz: Higher pitches are not looked for.

    Raises:
        UsageError: The sound is of another rate, or not mono.

    Example:
        >>> pitch(sound, PitchNetwork.open()).hz.max()  # doctest: +SKIP
        182.4
    """
    hz, confidence = network(mono(sound), lowest_hz=lowest_hz, highest_hz=highest_hz)
    voiced = (confidence >= _VOICED) & (hz >= lowest_hz) & (hz <= highest_hz)
    return Pitch(np.where(voiced, hz, np.float32(0)), confidence, HOP / SR)
