"""Says how likely a picture is not safe for work.

Mahadeokar and Pesavento, "Open Sourcing a Deep Learning Solution for Detecting NSFW Images" (2016):
a thin ResNet-50, trained on pictures squeezed to a square of 256 pixels whose middle 224 it sees.
It knows nudity and sexual acts in photographs. Violence, drawings, age and consent it does not
know, and what covers only a small part of a picture it overlooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.models.card import card
from masquerade.models.network import PictureNetwork
from masquerade.types import RGB

CARD: Final = "unsafe_content"
_SQUEEZED: Final = 256
_BATCH: Final = 8


class UnsafeContent(PictureNetwork):
    """The network."""

    card = CARD

    def __call__(self, pictures: Sequence[RGB]) -> NDArray[np.float32]:
        """The probability of each picture that it is not safe for work.

        Args:
            pictures: (H, W, 3) uint8 RGB each, of any size; none gives none.

        Returns:
            (N,) float32 in [0, 1].

        Example:
            >>> network = UnsafeContent.open()  # doctest: +SKIP
            >>> network([np.zeros((720, 1280, 3), np.uint8)]).shape  # doctest: +SKIP
            (1,)
        """
        batches = (pictures[at : at + _BATCH] for at in range(0, len(pictures), _BATCH))
        found = [self._session(self._input.tensor(_squares(some)))[0][:, 1] for some in batches]
        return np.concatenate([np.zeros(0, np.float32), *found])


def _squares(pictures: Sequence[RGB]) -> NDArray[np.uint8]:
    """(N, 224, 224, 3) uint8: the middle of each picture, squeezed as the network was trained."""
    side = card(CARD).pictures.size_wh[0]
    edge = (_SQUEEZED - side) // 2
    # By area: bilinear steps over most pixels of a large picture, PIL's (the training's) does not.
    squeezed = [
        cv2.resize(one, (_SQUEEZED, _SQUEEZED), interpolation=cv2.INTER_AREA) for one in pictures
    ]
    return np.stack([one[edge : edge + side, edge : edge + side] for one in squeezed]).astype(
        np.uint8, copy=False
    )
