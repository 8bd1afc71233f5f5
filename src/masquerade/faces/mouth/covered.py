"""When a mouth is covered all the while, so that there are no lips to be seen or moved."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.covered_mouth import UNSURE

_AROUND_S: Final = 0.2  # on both sides of a moment, whose middle counts
_APART_S: Final = 0.5  # between two looks, from which on nothing is known of the time between


def covered_spans(times_s: NDArray[np.float64], seen: NDArray[np.float32]) -> NDArray[np.float64]:
    """(m, 2) seconds from when to when a mouth is covered, in order.

    A tongue or a chance movement makes no lips vanish: the middle of what is told within two tenths
    of a second counts.

    Args:
        times_s: (n,) seconds of looks at the mouth, growing.
        seen: (n,) how surely it is seen in each, from `masquerade.models.covered_mouth`; NaN where
            that was not asked.
    """
    asked = np.isfinite(seen)
    times, told = times_s[asked], seen[asked]
    low = np.searchsorted(times, times - _AROUND_S, "left")
    high = np.searchsorted(times, times + _AROUND_S, "right")
    middle = np.array([np.median(told[a:b]) for a, b in zip(low, high, strict=True)])
    spans: list[tuple[float, float]] = []
    before = -np.inf
    for time, value in zip(times.tolist(), middle, strict=True):
        if value < UNSURE and spans and before == spans[-1][1] and time - before < _APART_S:
            spans[-1] = (spans[-1][0], time)
        elif value < UNSURE:
            spans.append((time, time))
        before = time
    return np.array(spans, np.float64).reshape(-1, 2)


def within(times_s: NDArray[np.float64], spans: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) which times lie in some span.

    Args:
        times_s: (n,) seconds.
        spans: (m, 2) seconds from when to when.
    """
    after = times_s[:, None] >= spans[:, 0] - 1e-6
    return np.asarray((after & (times_s[:, None] <= spans[:, 1] + 1e-6)).any(axis=1), np.bool_)
