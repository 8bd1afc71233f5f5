"""Says which of up to three people speak in ten seconds of sound, every 17 ms.

Plaquet and Bredin, "Powerset multi-class cross entropy loss for neural speaker diarization" (2023),
with the weights of pyannote's segmentation 3.0, turned once into ONNX. Who is the first, second or
third is told within one window alone: in the next the same person may be another.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import Network
from masquerade.models.talkers_graph import FRAMES, PEOPLE, SAMPLES

__all__ = ["FRAMES", "PEOPLE", "SAMPLES", "Talkers"]

CARD: Final = "talkers"
SR: Final = 16_000
STEP: Final = 270
"""Samples from one answer to the next."""
FIRST: Final = 360
"""Sample at which the stretch of the first answer begins."""


class Talkers(Network):
    """The network."""

    card = CARD

    def __call__(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability that each of three people speaks.

        Args:
            window: (160 000,) mono at 16 kHz, in [-1, 1]: ten seconds.

        Returns:
            (589, 3) float32 in [0, 1].
        """
        return np.asarray(self._session(window[None, None])[0][0], np.float32)
