"""Tells people in a picture from what is behind them, coarsely.

MediaPipe's selfie segmentation: made for people who fill a good part of the picture, within two
metres of the camera. Small figures, and things that people hold, it misses.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.models.network import PictureNetwork
from masquerade.types import RGB, Mask

CARD: Final = "person_mask"


class PersonMask(PictureNetwork):
    """The network."""

    card = CARD

    def __call__(self, picture: RGB) -> Mask:
        """What of a picture is a person.

        Args:
            picture: (H, W, 3) uint8 RGB of any size; it is squeezed to a square.

        Returns:
            (256, 256) float32 in [0, 1] over the whole picture.
        """
        small = cv2.resize(picture, self._input.size_wh, interpolation=cv2.INTER_AREA)
        tensor = self._input.tensor(np.asarray(small, np.uint8))
        return np.asarray(self._session(tensor)[0][0, :, :, 0], np.float32)
