"""Where the forearm behind a wrist is: two edges that run beside each other.

What is behind the wrist is drawn out along the hand; straight lines in it that lie on edges for
long are an arm's sides where they are as far apart as those of an arm, and widen as it does (a
search for lines as Hough's, over two at once).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.hands import ROOTS, WRIST
from masquerade.types import Points

_STEPS: Final = 32  # of the map for one length of a palm
_LONG: Final = 2.8  # lengths of a palm behind the wrist that are looked at
_WIDE: Final = 2.2  # the same to either side
_FROM: Final = 4  # rows below the wrist, where the sides begin to tell
_LENGTHS: Final = (26, 38, 52, 68, 84)  # rows, over which an arm may be seen
_STARTS: Final = range(-24, 25, 2)  # columns beside the wrist, at which a side may begin
_SLOPES: Final = np.linspace(-1, 1, 41)
_APART: Final = (11, 34)  # columns between both sides at the wrist
_WIDENS: Final = (0.75, 2.2)  # times that, at the end
_MOST_BENT: Final = 1.4  # sum of both slopes
_EDGE: Final = (5.0, 2.5, 2.5)  # steps in CIE Lab that count as one edge
_SURE: Final = 0.36  # how much of one, on both sides over all their length, tells an arm
_SHORT: Final = 0.25  # power of the length, by which shorter ones count less

Floats = NDArray[np.float32]


def arm_of(lab: Floats, points: Points, length_px: float) -> Points | None:
    """(4, 2) corners of the forearm, in order; None where no sides of one are seen.

    Args:
        lab: (h, w, 3) float32 the picture in CIE Lab.
        points: (21, 2) of the hand, in its pixels.
        length_px: Of the palm.
    """
    wrist = points[WRIST]
    down = wrist - points[list(ROOTS)].mean(axis=0)
    down = down / max(float(np.linalg.norm(down)), 1e-3)
    aside = np.array([down[1], -down[0]], np.float32)
    step = length_px / _STEPS
    edges = _edges(lab, wrist, down, aside, step)
    best = _sides(edges) if edges is not None else None
    if best is None:
        return None
    corners = np.array(best, np.float32) * np.float32(step)
    return np.asarray(wrist + corners[:, :1] * aside + corners[:, 1:] * down, np.float32)


def _edges(lab: Floats, wrist: Points, down: Points, aside: Points, step: float) -> Floats | None:
    """(rows, columns) strength in [-1, 1] of edges along the arm, NaN outside the picture."""
    wide = round(_WIDE * _STEPS)
    rows = np.arange(round(_LONG * _STEPS), dtype=np.float32)[:, None]
    columns = np.arange(-wide, wide + 1, dtype=np.float32)[None]
    x = np.float32(step) * (rows * down[0] + columns * aside[0]) + wrist[0]
    y = np.float32(step) * (rows * down[1] + columns * aside[1]) + wrist[1]
    drawn = cv2.remap(lab, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    smooth = cv2.GaussianBlur(drawn, (0, 0), 1.0)
    steps = (smooth[:, 2:] - smooth[:, :-2]) / np.array(_EDGE, np.float32)
    strong = np.pad(np.clip(np.linalg.norm(steps, axis=2), 0, 2) / 2, ((0, 0), (1, 1)))
    strong = cv2.dilate(strong.astype(np.float32), np.ones((1, 3), np.uint8))
    height, width = lab.shape[:2]
    seen = (x >= 0) & (y >= 0) & (x < width - 1) & (y < height - 1)
    if seen[_FROM:].sum() < _LENGTHS[0] * _APART[0]:
        return None
    usual = float(np.median(strong[seen]))
    return np.asarray(np.where(seen, strong - usual, np.nan), np.float32)


def _sides(edges: Floats) -> tuple[tuple[float, float], ...] | None:
    """Corners (column beside the wrist, row) of the best pair of sides; None where none is."""
    starts, slopes = (one.ravel() for one in np.meshgrid(_STARTS, _SLOPES, indexing="ij"))
    rows = np.arange(_FROM, edges.shape[0])
    middle = edges.shape[1] // 2
    at = np.rint(middle + starts[:, None] + slopes[:, None] * rows).astype(int)
    along = edges[rows, np.clip(at, 0, edges.shape[1] - 1)]
    along[(at < 0) | (at >= edges.shape[1])] = np.nan
    seen = np.cumsum(~np.isnan(along), axis=1)
    sums = np.cumsum(np.nan_to_num(along), axis=1)
    left, right = np.flatnonzero(starts < 0), np.flatnonzero(starts > 0)
    apart = starts[right][None] - starts[left][:, None]
    spread = slopes[right][None] - slopes[left][:, None]
    fits = (apart >= _APART[0]) & (apart <= _APART[1])
    fits &= np.abs(slopes[right][None] + slopes[left][:, None]) < _MOST_BENT
    best, corners = _SURE, None
    for rows_seen in _LENGTHS:
        last = min(rows_seen, along.shape[1] - 1)
        mean = np.where(seen[:, last] < last / 2, -1, sums[:, last] / np.maximum(seen[:, last], 1))
        both = 0.7 * np.minimum(mean[left][:, None], mean[right][None])
        both = both + 0.15 * (mean[left][:, None] + mean[right][None])
        wider = apart + spread * last
        good = fits & (wider >= _WIDENS[0] * apart) & (wider <= _WIDENS[1] * apart)
        both = np.where(good, both * (last / _LENGTHS[-1]) ** _SHORT, -1)
        one, other = np.unravel_index(int(both.argmax()), both.shape)
        if both[one, other] > best:
            a, b = left[one], right[other]
            best = float(both[one, other])
            ends = [(float(starts[n]), float(starts[n] + slopes[n] * last)) for n in (a, b)]
            corners = ((ends[0][0], 0.0), (ends[0][1], last), (ends[1][1], last), (ends[1][0], 0.0))
    return corners
