"""Calibrations of learned detectors: what a figure is worth, and how much that counts.

How much it counts is what the ratios tell of examples that the fit had not seen, each left out in
turn: 1 - Cllr (Brummer and du Preez, 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.calibration import Bin, fit
from train.calibrate_signals import cllr

FOLDS = 9


def weighed_bin(
    name: str,
    fakes: Sequence[float],
    reals: Sequence[float],
    *,
    people: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Bin:
    """The calibration for material of a kind.

    Args:
        name: Of the kind.
        fakes: Figures of manipulated examples, at least 6.
        reals: Figures of recorded ones, at least 6.
        people: Whose each of them is, where people have several: all of a person are left out
            together then.

    Raises:
        ValueError: There are too few.
    """
    seen: tuple[list[float], list[float]] = ([], [])
    both = tuple(np.asarray(values, np.float64) for values in (fakes, reals))
    whose = people or tuple([str(place) for place in range(len(values))] for values in both)
    turns = {
        name: place % FOLDS for place, name in enumerate(dict.fromkeys([*whose[0], *whose[1]]))
    }
    folds = [np.array([turns[one] for one in some]) for some in whose]
    for fold in range(FOLDS):
        parts = [_parted(some, turn == fold) for some, turn in zip(both, folds, strict=True)]
        kept, tried = zip(*parts, strict=True)
        known = fit(name, kept[0].tolist(), kept[1].tolist())
        for kind in (0, 1):
            seen[kind].extend(known.log10_lr(float(value))[0] for value in tried[kind])
    lost = cllr(np.array(seen[0]), np.array(seen[1]))
    return replace(fit(name, fakes, reals, people=people), weight=max(0.0, 1 - lost))


def _parted(
    values: NDArray[np.float64], out: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(Those that are learnt from, those that are left out) of a fold."""
    return values[~out], values[out]
