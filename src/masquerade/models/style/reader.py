"""Describes the style of a picture in a hundred numbers, for the network that paints in it.

Ghiasi et al., "Exploring the structure of a real-time, arbitrary neural artistic stylization
network" (BMVC 2017).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.models.network import PictureNetwork
from masquerade.types import RGB

CARD: Final = "style_reader"


class StyleReader(PictureNetwork):
    """The network."""

    card = CARD

    def __call__(self, picture: RGB) -> NDArray[np.float32]:
        """(100,) float32, for `masquerade.models.style.weights.StyleWeights.described`.

        Args:
            picture: (H, W, 3) uint8 RGB; the square in its middle is looked at.
        """
        height, width = picture.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        middle = picture[top : top + side, left : left + side]
        small = cv2.resize(middle, self._input.size_wh, interpolation=cv2.INTER_AREA)
        tensor = self._input.tensor(np.asarray(small, np.uint8))
        return np.asarray(self._session(tensor)[0].reshape(-1), np.float32)
