"""Gives the pitch of a voice every 16 ms, and how sure it is that there is one.

Nieradzik, "SwiftF0: Fast and Accurate Monophonic Pitch Detection" (2025): a small convolutional
network over the spectrum. It hears one voice; of two at once it follows the louder.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import Network

CARD: Final = "pitch"
SR: Final = 16_000
HOP: Final = 256
"""Samples from one answer to the next; answer n is centred on sample 256 n."""
_LOWEST_HZ: Final = 47.0  # the network's own range
_HIGHEST_HZ: Final = 2093.0
_SILENT: Final = 1e-3  # peak of a hop below which the network was never trained
_BLOCK: Final = 1024 * HOP
_CONTEXT: Final = 16 * HOP  # its answers depend on 11 hops before and 10 after


class PitchNetwork(Network):
    """The network."""

    card = CARD

    def __call__(
        self,
        samples: NDArray[np.float32],
        *,
        lowest_hz: float = _LOWEST_HZ,
        highest_hz: float = _HIGHEST_HZ,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Pitch and confidence every 256 samples; voiced where the confidence is .5 or more.

        Long sounds are heard in blocks that overlap, and give the same as in one go.

        Args:
            samples: (n,) mono at 16 kHz, in [-1, 1]; n may be 0.
            lowest_hz: Pitches below are not looked for; at least 47.
            highest_hz: Pitches above are not looked for; at most 2093.

        Returns:
            Pitch in Hz and confidence in [0, 1], (n // 256,) float32 each; confidence is 0 in
            digital silence.
        """
        count = len(samples) // HOP
        if count == 0:
            return np.zeros(0, np.float32), np.zeros(0, np.float32)
        limits = (np.array(lowest_hz, np.float32), np.array(highest_hz, np.float32))
        pitches, sures = [], []
        for start in range(0, count * HOP, _BLOCK):
            before = max(0, start - _CONTEXT)
            heard = samples[before : start + _BLOCK + _CONTEXT]
            wanted = min(_BLOCK, count * HOP - start) // HOP
            pitch, sure = self._session(heard[None].astype(np.float32), *limits)
            first = (start - before) // HOP
            pitches.append(pitch[0, first : first + wanted])
            sures.append(sure[0, first : first + wanted])
        confidence = np.concatenate(sures)
        peaks = np.abs(samples[: count * HOP]).reshape(count, HOP).max(axis=1)
        return np.concatenate(pitches), np.where(peaks < _SILENT, np.float32(0), confidence)
