"""Keeps a painted video still: what was painted a frame ago moves along with what it shows.

Ruder, Dosovitskiy and Brox, "Artistic style transfer for videos" (GCPR 2016) hold a painted frame
to the one before, moved along the optical flow, wherever that can be trusted. The flow is that of
Kroeger et al., "Fast optical flow using dense inverse search" (ECCV 2016), from OpenCV; it is
trusted where moving there and back leads to where it began, and the picture looks the same.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

_FLOW_PX: Final = 480  # longer side at which motion is measured
_LEAST_PX: Final = 16  # of both sides: smaller pictures are widened by their edges
_LEAST_TALL: Final = 0.4  # of the width, likewise: the search goes by that to shrink a picture
_STILL_PX: Final = 0.25  # motion below this is none: nothing is resampled where nothing moves
_STILL_LEVELS: Final = 3.0  # mean change of brightness in a window, below which it stands still
_STILL_WINDOW_PX: Final = 7
_ASTRAY_PX: Final = 1.0  # there and back, from which motion is not trusted
_CALM: Final = 0.8  # of how much a painting is kept, a frame is before it is painted
_CHANGED: Final = 14.0  # levels by which a point may change its brightness

Flow = NDArray[np.float32]


class Steady:
    """Holds the frames of one shot to each other: `calmed` before each is painted, `held` after.

    Args:
        amount: How much of a trusted point is kept from the frame before, in [0, 1); 0: nothing.
    """

    def __init__(self, amount: float) -> None:
        self._amount = amount
        self._grey: NDArray[np.uint8] | None = None
        self._calm: RGB | NDArray[np.float32] | None = None
        self._painted: RGB | NDArray[np.float32] | None = None
        self._motion: tuple[Flow, Mask] | None = None

    def calmed(self, frame: RGB) -> RGB:
        """The frame with less of the noise that comes and goes, for noise is painted too.

        Args:
            frame: (H, W, 3) uint8 RGB; the next of the shot.

        Returns:
            uint8 RGB of the same size.
        """
        if not self._amount:
            return frame
        grey, before = _small_grey(frame), self._grey
        self._motion, self._grey = None, grey
        if before is not None and before.shape == grey.shape:
            self._motion = _motion(before, grey, frame.shape[:2])
        self._calm = self._mixed(self._calm, frame, self._amount * _CALM)
        return _whole(self._calm)

    def held(self, painted: RGB) -> RGB:
        """The painted frame, held to the one before.

        Args:
            painted: (H, W, 3) uint8 RGB, what the calmed frame became.

        Returns:
            uint8 RGB of the same size.
        """
        if not self._amount:
            return painted
        self._painted = self._mixed(self._painted, painted, self._amount)
        return _whole(self._painted)

    def _mixed(
        self, last: RGB | NDArray[np.float32] | None, new: RGB, amount: float
    ) -> RGB | NDArray[np.float32]:
        """What was there before, moved, with what is new where motion cannot be trusted.

        The first frame, or a photo, comes back as it is: a copy in floats takes four times as much.
        """
        if last is None or self._motion is None or last.shape != new.shape:
            return new
        flow, trust = self._motion
        share = (trust * np.float32(amount))[..., None]
        before = _moved(last.astype(np.float32, copy=False), flow, how=cv2.INTER_CUBIC)
        return np.asarray(before * share + new * (1 - share), np.float32)


def _whole(values: RGB | NDArray[np.float32]) -> RGB:
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _small_grey(frame: RGB) -> NDArray[np.uint8]:
    height, width = frame.shape[:2]
    scale = min(1.0, _FLOW_PX / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _motion(
    before: NDArray[np.uint8], now: NDArray[np.uint8], size_hw: tuple[int, int]
) -> tuple[Flow, Mask]:
    """Where each point of a frame was in the one before, and how far that can be trusted."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    back = _flow(search, now, before)
    forth = _flow(search, before, now)
    apart = cv2.absdiff(now, before).astype(np.float32)
    still = cv2.blur(apart, (_STILL_WINDOW_PX, _STILL_WINDOW_PX)) < _STILL_LEVELS
    still |= np.hypot(back[..., 0], back[..., 1]) < _STILL_PX
    back[still] = 0
    forth[still] = 0
    astray = np.hypot(*np.moveaxis(back + _moved(forth, back), -1, 0))
    changed = np.abs(_moved(before.astype(np.float32), back) - now)
    trust = np.clip(1 - astray / _ASTRAY_PX, 0, 1) * np.clip(2 - changed / _CHANGED, 0, 1)
    inside = _moved(np.ones(now.shape, np.float32), back, border=cv2.BORDER_CONSTANT)
    trust = np.minimum(trust, inside).astype(np.float32)
    height, width = size_hw
    scale = np.array([width / now.shape[1], height / now.shape[0]], np.float32)
    flow = cv2.resize(back, (width, height), interpolation=cv2.INTER_LINEAR) * scale
    return np.asarray(flow, np.float32), np.asarray(cv2.resize(trust, (width, height)), np.float32)


def _flow(search: cv2.DISOpticalFlow, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Flow:
    """(h, w, 2) pixels: where each point of one picture lies in the other."""
    height, width = one.shape
    right = max(_LEAST_PX - width, 0)
    below = max(_LEAST_PX, round(_LEAST_TALL * (width + right))) - height
    edges = 0, max(below, 0), 0, right
    first = cv2.copyMakeBorder(one, *edges, cv2.BORDER_REPLICATE)
    second = cv2.copyMakeBorder(other, *edges, cv2.BORDER_REPLICATE)
    empty = np.zeros((*first.shape, 2), np.float32)
    found = np.asarray(search.calc(first, second, empty), np.float32)
    return np.ascontiguousarray(found[:height, :width])


def _moved(
    values: NDArray[np.float32],
    flow: Flow,
    *,
    how: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_REPLICATE,
) -> NDArray[np.float32]:
    """What lies where the flow points to."""
    rows, columns = np.indices(flow.shape[:2], np.float32)
    return np.asarray(
        cv2.remap(values, columns + flow[..., 0], rows + flow[..., 1], how, borderMode=border),
        np.float32,
    )
