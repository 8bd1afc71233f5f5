"""Turns 1.6 s of a voice into 256 numbers that say whose it is.

Wan et al., "Generalized End-to-End Loss for Speaker Verification" (2018), with the weights of
Resemblyzer, turned once into ONNX. Two strangers of one sex may lie as near as .83 to each other,
recordings of one person on two days as far as .75.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import Network

CARD: Final = "speaker"
SR: Final = 16_000
FRAMES: Final = 160
BANDS: Final = 40
SIZE: Final = 256
_BATCH: Final = 16


class Speaker(Network):
    """The network."""

    card = CARD

    def __call__(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embedding of each window; how alike two are is their scalar product.

        Args:
            windows: (N, 160, 40) float32, the power of `mel.mel` with 40 bands; N may be 0.

        Returns:
            (N, 256) float32 of unit length, no number below 0.
        """
        parts = (windows[at : at + _BATCH] for at in range(0, len(windows), _BATCH))
        found = [self._session(np.ascontiguousarray(part))[0] for part in parts]
        return np.concatenate([np.zeros((0, SIZE), np.float32), *found])
