"""What lips do with each phone: openings, widths and pouts, run into each other as in speech.

Each phone draws the mouth to its own shape with a force that fades away from its middle; what is
seen is the mean of all that pull (Cohen and Massaro, "Modeling coarticulation in synthetic visual
speech", 1993). No footage of anybody is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.speech.phones import BILABIALS, Phone

Floats: TypeAlias = NDArray[np.float32]

# Opening, spread of each corner and pout in distances of the eyes, by what is spoken.
_SHAPES: Final[dict[str, tuple[float, float, float]]] = {
    "AA": (0.17, 0.0, 0.0), "AE": (0.16, 0.02, 0.0), "AH": (0.10, 0.0, 0.0),
    "AO": (0.14, -0.01, 0.03), "AW": (0.15, 0.0, 0.02), "AY": (0.16, 0.01, 0.0),
    "EH": (0.12, 0.02, 0.0), "ER": (0.08, -0.01, 0.03), "EY": (0.10, 0.03, 0.0),
    "IH": (0.08, 0.025, 0.0), "IY": (0.06, 0.035, 0.0), "OW": (0.09, -0.02, 0.05),
    "OY": (0.10, -0.01, 0.04), "UH": (0.07, -0.01, 0.04), "UW": (0.05, -0.02, 0.06),
    "B": (0.0, 0.0, 0.0), "M": (0.0, 0.0, 0.0), "P": (0.0, 0.0, 0.0),
    "F": (0.02, 0.0, 0.0), "V": (0.02, 0.0, 0.0), "TH": (0.05, 0.0, 0.0), "DH": (0.05, 0.0, 0.0),
    "T": (0.05, 0.01, 0.0), "D": (0.06, 0.01, 0.0), "N": (0.06, 0.01, 0.0), "L": (0.08, 0.0, 0.0),
    "S": (0.04, 0.015, 0.0), "Z": (0.04, 0.015, 0.0), "SH": (0.05, -0.01, 0.05),
    "ZH": (0.05, -0.01, 0.05), "CH": (0.05, -0.01, 0.05), "JH": (0.05, -0.01, 0.05),
    "R": (0.06, -0.01, 0.04), "W": (0.03, -0.03, 0.06), "Y": (0.05, 0.02, 0.0),
    "K": (0.08, 0.0, 0.0), "G": (0.08, 0.0, 0.0), "NG": (0.08, 0.0, 0.0), "HH": (0.09, 0.0, 0.0),
}  # fmt: skip
_VOWELS: Final = frozenset(name for name in _SHAPES if name[0] in "AEIOU")
_BY_TEETH: Final = frozenset("FV")
_EDGE_S: Final = 0.035  # beyond a phone's half length, over which its pull fades
_LIVELY: Final = 0.45  # share of an opening that goes with how loud it is


def lips_of(phones: Sequence[Phone], times_s: NDArray[np.float64], loudness: Floats) -> Floats:
    """(n, 3) float32 opening of the lips, spread of each corner, pout, in distances of the eyes.

    Args:
        phones: In order, pauses included, from `masquerade.speech.phones.phones`.
        times_s: (n,) seconds on the phones' clock.
        loudness: (n,) in [0, 1] then, 0.5 as usual.
    """
    pull = np.full(len(times_s), 1e-3)
    sums = np.zeros((len(times_s), 3))
    for one in phones:
        middle, half = (one.start_s + one.end_s) / 2, (one.end_s - one.start_s) / 2
        low, high = np.searchsorted(times_s, (middle - half - 0.2, middle + half + 0.2))
        away = np.abs(times_s[low:high] - middle) / (half + _EDGE_S)
        force = _force(one) * np.exp(-(away**2) * 1.2)
        pull[low:high] += force
        sums[low:high] += force[:, None] * np.array(_SHAPES.get(one.name, (0.0, 0.0, 0.0)))
    made = sums / pull[:, None]
    made[:, 0] *= 1 + _LIVELY * (2 * np.clip(loudness, 0, 1) - 1)
    return np.asarray(made, np.float32)


def _force(one: Phone) -> float:
    if one.name in BILABIALS:
        return 3.0
    if one.name in _BY_TEETH:
        return 2.0
    return 1.0 if one.name in _VOWELS or not one.spoken else 0.7
