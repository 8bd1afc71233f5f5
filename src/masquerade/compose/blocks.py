"""The look of strong compression: blocks and ringing, found in the frame and put on the patch.

Codecs without a loop filter (JPEG, Motion JPEG, MPEG-1, -2 and -4) work on blocks of 8 pixels
counted from the frame's corner. Where steps between blocks stand out in the frame, the changed
part is taken through a JPEG of the quality at which its own stand out as much.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.errors import MasqueradeError
from masquerade.types import RGB, Mask

FROM: Final = 0.2  # blockiness below which nothing is done
_BLOCK: Final = 8
_QUALITIES: Final = (35, 92)
_STEPS: Final = 5


def blockiness(picture: RGB, weight: Mask, corner: tuple[int, int]) -> float:
    """How much larger steps between blocks are than other steps, as a share; 0 where they are not.

    Args:
        picture: (h, w, 3) uint8, a part of a frame.
        weight: (h, w) what counts.
        corner: Column and row of the frame at which the part begins.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    counted = (weight > 0.5).astype(np.float32)
    steps = np.zeros(_BLOCK)
    for axis in (0, 1):
        size = np.abs(np.diff(grey, axis=axis))
        both = np.delete(counted, 0, axis) * np.delete(counted, -1, axis)
        sums, counts = ((x * both).sum(axis=1 - axis) for x in (size, np.ones_like(size)))
        place = (np.arange(1, grey.shape[axis]) + corner[1 - axis]) % _BLOCK
        found = np.bincount(place, sums, _BLOCK) / np.maximum(np.bincount(place, counts, _BLOCK), 1)
        steps += found / 2
    return max(0.0, float(steps[0] / max(np.median(steps[1:]), 0.25)) - 1)


def quality_for(wanted: float, picture: RGB, weight: Mask, corner: tuple[int, int]) -> float:
    """The JPEG quality at which a picture gets that blockiness.

    Args:
        wanted: From `blockiness`.
        picture: (h, w, 3) uint8, a part of a frame.
        weight: (h, w) what counts.
        corner: Column and row of the frame at which the part begins.
    """
    low, high = _QUALITIES
    for _ in range(_STEPS):
        middle = (low + high) // 2
        if blockiness(coded(picture, middle, corner), weight, corner) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def coded(picture: RGB, quality: float, corner: tuple[int, int]) -> RGB:
    """The picture after a JPEG of that quality whose blocks are those of the frame.

    Its colours stay: a JPEG treats them more roughly than the codecs of films do.

    Args:
        picture: (h, w, 3) uint8, a part of a frame.
        quality: In [1, 100].
        corner: Column and row of the frame at which the part begins.

    Raises:
        MasqueradeError: OpenCV was built without JPEG.
    """
    left, top = corner[0] % _BLOCK, corner[1] % _BLOCK
    height, width = picture.shape[:2]
    tones = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    padded = cv2.copyMakeBorder(tones[..., 0], top, 0, left, 0, cv2.BORDER_REPLICATE)
    done, data = cv2.imencode(".jpg", padded, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if done else None
    if back is None:
        raise MasqueradeError(
            "OpenCV cannot write JPEG here",
            "a build of OpenCV with JPEG",
            "reinstall opencv-python-headless, or set the compression of blending to 0",
        )
    tones[..., 0] = back[top : top + height, left : left + width]
    return np.asarray(cv2.cvtColor(tones, cv2.COLOR_YCrCb2RGB), np.uint8)
