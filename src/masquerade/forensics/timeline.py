"""Figures over time as stretches of a time line."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.evidence import Stretch

_MOST: Final = 60


def stretches(times_s: Sequence[Fraction], levels: NDArray[np.floating]) -> tuple[Stretch, ...]:
    """Up to 60 stretches that cover the times, each as strong as the strongest level in it.

    Args:
        times_s: Rising.
        levels: (n,) one for each time; cut to [0, 1].
    """
    if len(times_s) < 2:
        return ()
    step = (times_s[-1] - times_s[0]) / (len(times_s) - 1)
    edges = np.unique(np.linspace(0, len(times_s), min(_MOST, len(times_s)) + 1).astype(int))
    some = np.clip(np.nan_to_num(np.asarray(levels, np.float64)), 0, 1)
    return tuple(
        Stretch(times_s[a], times_s[b - 1] + step, float(some[a:b].max()))
        for a, b in pairwise(edges.tolist())
    )
