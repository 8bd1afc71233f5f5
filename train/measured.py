"""What detectors are measured by: area under the curve, equal error rate, misses at 1 % alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Quality:
    """How well scores part two classes.

    Attributes:
        auc: Area under the ROC curve; .5 is chance.
        eer: Error rate where both errors are equal.
        tpr_at_1: Share of fakes found where 1 % of the real raise an alarm.
        low: Lower end of the 95 % bootstrap interval of `auc`.
        high: Its upper end.
        fakes: How many.
        reals: How many.
    """

    auc: float
    eer: float
    tpr_at_1: float
    low: float
    high: float
    fakes: int
    reals: int

    def __str__(self) -> str:
        return (
            f"AUC {self.auc:.3f} [{self.low:.3f}, {self.high:.3f}] EER {self.eer:.3f}"
            f" TPR@1% {self.tpr_at_1:.3f} ({self.fakes} fake, {self.reals} real)"
        )


def quality(
    fakes: Sequence[float],
    reals: Sequence[float],
    *,
    people: tuple[Sequence[str], Sequence[str]] | None = None,
    seed: int = 0,
) -> Quality:
    """How well scores, higher for fakes, part the two.

    Args:
        fakes: At least one.
        reals: At least one.
        people: Whose each of them is, where people have several: the bootstrap draws people then.
        seed: Of the bootstrap of 200.

    Raises:
        ValueError: There are none of a kind.
    """
    if not len(fakes) or not len(reals):
        raise ValueError(f"{len(fakes)} fakes and {len(reals)} real ones cannot be compared")
    one, other = np.asarray(fakes, np.float64), np.asarray(reals, np.float64)
    rng = np.random.default_rng(seed)
    sides = people or (range(len(one)), range(len(other)))
    groups = [_grouped(side, whose) for side, whose in zip((one, other), sides, strict=True)]
    again = [area(*(_drawn(some, rng) for some in groups)) for _ in range(200)]
    low, high = np.quantile(again, (0.025, 0.975))
    levels = np.unique(np.concatenate([one, other]))
    missed = np.searchsorted(np.sort(one), levels, side="left") / len(one)
    alarms = 1 - np.searchsorted(np.sort(other), levels, side="left") / len(other)
    middle = int(np.argmin(np.abs(missed - alarms)))
    few = one > np.quantile(other, 0.99)
    return Quality(
        area(one, other),
        float((missed[middle] + alarms[middle]) / 2),
        float(few.mean()),
        float(low),
        float(high),
        len(one),
        len(other),
    )


def area(fakes: NDArray[np.float64], reals: NDArray[np.float64]) -> float:
    """Chance that a fake scores above a real one, ties counting half (Mann and Whitney, 1947).

    Example:
        >>> area(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
        0.875
    """
    ranked = np.sort(reals)
    below = np.searchsorted(ranked, fakes, side="left")
    upto = np.searchsorted(ranked, fakes, side="right")
    return float((below + upto).mean() / 2 / len(reals))


def _grouped(scores: NDArray[np.float64], whose: Sequence[object]) -> list[NDArray[np.float64]]:
    """The scores of each person."""
    places: dict[object, list[int]] = {}
    for place, name in enumerate(whose):
        places.setdefault(name, []).append(place)
    return [scores[some] for some in places.values()]


def _drawn(groups: Sequence[NDArray[np.float64]], rng: np.random.Generator) -> NDArray[np.float64]:
    """The scores of as many people, drawn with replacement."""
    return np.concatenate([groups[place] for place in rng.integers(len(groups), size=len(groups))])
