"""The look of strong compression: blocks and ringing, found in the frame and put on the patch.

Codecs without a loop filter (JPEG, Motion JPEG, MPEG-1, -2 and -4) work on blocks of 8 pixels
counted from the frame's corner. Where steps between blocks stand out in the frame, the changed
part is taken through a JPEG of the quality at which its own stand out as much. That quality never
goes below what is gentle to a face, unless the frame itself shows that it was a coarser JPEG.
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
_COARSEST: Final = 12  # quality below which no frame is followed
_TOLD: Final = 64  # coefficients that tell a JPEG's quality
_EXACT: Final = 0.08  # of a step: coefficients of a JPEG lie nearer to whole steps; others, 0.25
_PLACES: Final = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0))  # broad patterns in a block, and their
_TABLE: Final = (11, 12, 12, 10, 14)  # steps at quality 50 (ITU-T T.81, annex K; libjpeg's scale)
_STEPS: Final = 5

_WAVES: Final = np.sqrt(2 / _BLOCK) * np.cos(
    np.pi / _BLOCK * np.outer(np.arange(3), np.arange(_BLOCK) + 0.5)
)  # of the cosine transform, the broadest three
_WAVES[0] /= np.sqrt(2)


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


def coarsest(frame: RGB, corner: tuple[int, int]) -> int:
    """The quality of the coarse JPEG that a frame provably was; else the least that spares faces.

    What went through a JPEG has only whole steps of its table. Codecs of films predict from other
    frames: their coefficients lie anywhere.

    Args:
        frame: (h, w, 3) uint8, a part of a frame.
        corner: Column and row of the frame at which the part begins.
    """
    left, top = (-side % _BLOCK for side in corner)
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.float32)[top:, left:]
    height, width = (side - side % _BLOCK for side in grey.shape)
    rows = grey[:height, :width].reshape(-1, _BLOCK, width // _BLOCK, _BLOCK).swapaxes(1, 2)
    found = [
        np.abs(np.einsum("abij,i,j->ab", rows, _WAVES[down], _WAVES[across]))
        for down, across in _PLACES
    ]
    best, off = _QUALITIES[0], _EXACT
    for quality in range(_COARSEST, _QUALITIES[0]):
        sizes = [max(1, (step * (5000 // quality) + 50) // 100) for step in _TABLE]
        steps = np.concatenate(
            [(one / size).ravel() for one, size in zip(found, sizes, strict=True)]
        )
        steps = steps[steps > 0.5]
        if len(steps) >= _TOLD and (now := float(np.abs(steps - np.rint(steps)).mean())) < off:
            best, off = quality, now
    return best


def quality_for(
    wanted: float,
    picture: RGB,
    weight: Mask,
    corner: tuple[int, int],
    least: int = _QUALITIES[0],
) -> float:
    """The JPEG quality at which a picture gets that blockiness.

    Args:
        wanted: From `blockiness`.
        picture: (h, w, 3) uint8, a part of a frame.
        weight: (h, w) what counts.
        corner: Column and row of the frame at which the part begins.
        least: The quality below which it never goes, such as from `coarsest`.
    """
    low, high = least, _QUALITIES[1]
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
