"""Hard cuts in a stream of frames, found while it flows.

Frames are compared by a thumbnail in luma and chroma and by a histogram over hue, saturation and
value. A cut is where every frame shortly before differs from every frame shortly after, and by
far more than its neighbours do from each other; so one or two odd frames (a flash, a glitch) are
no cut, and neither is fast motion, nor a hand while half of the picture stays as it was. Dissolves
and fades are not looked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Frame

Look: TypeAlias = NDArray[np.float32]

THUMBNAIL_WH: Final = (32, 18)
# Frames are thinned to about so many pixels before anything is computed.
THINNED_PX: Final = 160 * 90
HISTOGRAM_BINS: Final = (8, 4, 4)
# Distances of the 27 shared clips: within a shot at most 10, between shots of one speaker in one
# studio at least 16, otherwise above 30.
LEAST_DISTANCE: Final = 13.0
# A whole exchange of colours counts as much as a difference of so many steps in each channel.
HISTOGRAM_WEIGHT: Final = 20.0
TIMES_USUAL: Final = 3.0
# Levels by which half of a picture differs at most where something only passes before the camera:
# 1 with hands, while of 380 pairs of shots, most in one studio, 4 were below.
UNMOVED: Final = 1.5
# Longer disturbances than AFTER - 1 frames count as shots.
BEFORE: Final = 3
AFTER: Final = 3
HISTORY: Final = 8


def cuts(frames: Iterable[Frame]) -> Iterator[tuple[Frame, bool]]:
    """Every frame with whether it begins a shot; the first does.

    Args:
        frames: In order of time; `AFTER` of them are held back at a time.

    Example:
        >>> grey = np.full((90, 160, 3), 90, np.uint8)
        >>> clip = [Frame(grey, pts) for pts in range(5)]
        >>> clip += [Frame(255 - grey, pts) for pts in range(5, 10)]
        >>> [frame.pts for frame, begins in cuts(clip) if begins]
        [0, 5]
    """
    waiting: deque[Frame] = deque()
    looks: deque[Look] = deque(maxlen=HISTORY + AFTER)
    first = True
    for frame in frames:
        waiting.append(frame)
        looks.append(look(frame.pixels))
        if len(waiting) == AFTER:
            yield waiting.popleft(), first or is_cut(list(looks), AFTER)
            first = False
    while waiting:
        yield waiting[0], first or is_cut(list(looks), len(waiting))
        first = False
        waiting.popleft()


def is_cut(looks: list[Look], after: int) -> bool:
    """True where the frame `looks[-after]` begins another shot.

    Args:
        looks: Consecutive frames; more before the one in question make motion better known.
        after: How many of them lie at and after that frame, at least 1.
    """
    before, behind = looks[:-after], looks[-after:]
    if not before or distance(before[-1], behind[0]) < LEAST_DISTANCE:
        return False
    if _unmoved(before[-1], behind[0]):
        return False
    nearest = min(distance(*pair) for pair in product(before[-BEFORE:], behind))
    steps = [distance(*pair) for pair in (*pairwise(before), *pairwise(behind))]
    usual = float(np.median(steps)) if steps else 0.0
    return nearest > max(LEAST_DISTANCE, TIMES_USUAL * usual)


def look(pixels: RGB) -> Look:
    """What a frame looks like, as a vector for `distance`; (H, W, 3) uint8 RGB of any size."""
    height, width = pixels.shape[:2]
    step = max(1, round((height * width / THINNED_PX) ** 0.5))
    thin = np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step])
    small = cv2.resize(thin, THUMBNAIL_WH, interpolation=cv2.INTER_AREA)
    thumbnail = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.float32)
    hsv = cv2.cvtColor(thin, cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, HISTOGRAM_BINS, [0, 180, 0, 256, 0, 256])
    shares = np.asarray(counts, np.float32).ravel() / (thin.shape[0] * thin.shape[1])
    area = THUMBNAIL_WH[0] * THUMBNAIL_WH[1]
    return np.concatenate([thumbnail.ravel() / area, shares * (HISTOGRAM_WEIGHT / 2)])


def _unmoved(one: Look, other: Look) -> bool:
    """Whether half of the picture, or more, has stayed as it was."""
    cells = THUMBNAIL_WH[0] * THUMBNAIL_WH[1]
    apart = np.abs(one[: 3 * cells] - other[: 3 * cells]).reshape(cells, 3) * cells
    return float(np.median(apart.max(axis=1))) < UNMOVED


def distance(one: Look, other: Look) -> float:
    """How different two frames look: 0 for equal ones, above 500 for black and white."""
    return float(np.abs(one - other).sum())
