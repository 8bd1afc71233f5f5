"""Says how likely somebody speaks, every 32 ms.

Silero Team, "Silero VAD: pre-trained enterprise-grade Voice Activity Detector" (2021 to 2026): a
small recurrent network over samples. Singing counts as speech, and so may what sounds like it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import Network

CARD: Final = "voice_activity"
SR: Final = 16_000
STEP: Final = 512
"""Samples for which there is one answer."""
_CONTEXT: Final = 64  # samples of the step before, which each call sees too


class VoiceActivity(Network):
    """The network."""

    card = CARD

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability of speech in each 512 samples, the last of them filled up with silence.

        Args:
            samples: (n,) mono at 16 kHz, in [-1, 1]; n may be 0.

        Returns:
            (ceil(n / 512),) float32 in [0, 1].

        Example:
            >>> activity = VoiceActivity.open()  # doctest: +SKIP
            >>> activity(np.zeros(16_000, np.float32)).shape  # doctest: +SKIP
            (32,)
        """
        count = -(-len(samples) // STEP)
        padded = np.zeros(_CONTEXT + count * STEP, np.float32)
        padded[_CONTEXT : _CONTEXT + len(samples)] = samples
        state, rate = np.zeros((2, 1, 128), np.float32), np.array(SR, np.int64)
        found = np.zeros(count, np.float32)
        for index in range(count):
            heard = padded[None, index * STEP : (index + 1) * STEP + _CONTEXT]
            probability, state = self._session(heard, state, rate)
            found[index] = probability[0, 0]
        return found
