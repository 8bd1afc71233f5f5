"""Turns an aligned face chip into 128 numbers that say who it is.

King, "High Quality Face Recognition with Deep Metric Learning" (2017): a ResNet of 29 convolutions,
trained so that two faces of one person lie nearer than 0.6 to each other. The weights are dlib's,
turned once into ONNX; dlib itself is not needed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import PictureNetwork

SIDE: Final = 150
"""Side of a chip in pixels. A chip is cut upright, with a margin of a quarter of the face."""

SIZE: Final = 128
_BATCH: Final = 16


class FaceIdentity(PictureNetwork):
    """The identity network."""

    card = "face_identity"
    side = SIDE

    def __call__(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The embedding of each chip; distances between them are Euclidean.

        Args:
            chips: (N, 150, 150, 3) uint8 RGB, faces upright in dlib's five-point template with
                a padding of 0.25; N may be 0.

        Returns:
            (N, 128) float32.

        Raises:
            UsageError: The chips are not of that shape and type.

        Example:
            >>> identity = FaceIdentity.open()  # doctest: +SKIP
            >>> identity(np.zeros((2, 150, 150, 3), np.uint8)).shape  # doctest: +SKIP
            (2, 128)
        """
        if len(chips) == 0:
            return np.zeros((0, SIZE), np.float32)
        batches = (chips[at : at + _BATCH] for at in range(0, len(chips), _BATCH))
        return np.concatenate([self._session(self._input.tensor(batch))[0] for batch in batches])
