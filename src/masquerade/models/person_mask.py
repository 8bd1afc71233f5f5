"""Tells people in a picture from what is behind them, coarsely.

MediaPipe's selfie segmentation: made for people who fill a good part of the picture, within two
metres of the camera. Small figures, and things that people hold, it misses.
"""

from __future__ import annotations

from typing import Final, Self

import cv2
import numpy as np

from masquerade.models.card import card
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress
from masquerade.types import RGB, Mask

CARD: Final = "person_mask"


class PersonMask:
    """The network.

    Args:
        session: The loaded weights.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._input = session, card(CARD).pictures

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The network with its weights loaded, fetched on first use as `progress` is told."""
        return cls(open_session(CARD, threads=threads, progress=progress))

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
