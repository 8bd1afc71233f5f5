"""From a signal's figure to the likelihood ratio that it is worth, and how sure that is.

A calibration is learnt by a script in ``train/`` on material that no part of the signal was learnt
on, by logistic regression with both propositions weighing the same (Brummer and du Preez,
"Application-independent evaluation of speaker detection", 2006). It holds for material of the kind
it was made on: outside its bins there is no ratio. However far a figure lies out, N examples cannot
support more than N + 1 to 1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ProvenanceError
from masquerade.forensics.evidence import SHOWN_ONLY, Evidence

_IN_WORDS: Final = {
    "lossless": "pictures stored without loss",
    "fine": "JPEG pictures of quality 90 or more",
    "coarse": "JPEG pictures of a quality below 90",
    "other": "pictures stored in a way that is not known",
    "still": "pictures",
    "video": "videos",
}  # kinds of material, for people
_RESAMPLES: Final = 64
_STEPS: Final = 50
_RIDGE: Final = 1e-3
_LN10: Final = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Bin:
    """A calibration for material of one kind.

    Attributes:
        name: The kind, in a word that the signal gives, such as ``fine`` or ``coarse``.
        slope: Of log10 LR over the figure.
        intercept: Log10 LR at 0.
        resampled: (slope, intercept) of bootstrap samples, for intervals.
        low: Least figure seen; lower ones count as this.
        high: Greatest figure seen.
        manipulated: Examples of H1.
        recorded: Examples of H2.
        weight: What it tells of material held out: 1 - Cllr, at least 0 (Brummer and du Preez).
    """

    name: str
    slope: float
    intercept: float
    resampled: tuple[tuple[float, float], ...]
    low: float
    high: float
    manipulated: int
    recorded: int
    weight: float = 1.0

    @property
    def most(self) -> float:
        """The greatest |log10 LR| that so many examples support."""
        return float(np.log10(min(self.manipulated, self.recorded) + 1))

    def log10_lr(self, value: float) -> tuple[float, tuple[float, float]]:
        """(log10 LR, its 95 % interval) of a figure.

        Args:
            value: The signal's figure.
        """
        seen = min(max(value, self.low), self.high)
        lines = np.array([(self.slope, self.intercept), *self.resampled])
        ratios = np.clip(lines[:, 0] * seen + lines[:, 1], -self.most, self.most)
        low, high = np.quantile(ratios, (0.025, 0.975))
        return float(ratios[0]), (float(low), float(high))

    def one_of(self, values: Sequence[float]) -> tuple[float, tuple[float, float]]:
        """(log10 LR, its 95 % interval) of several faces or stretches, one of which may be made.

        Which one, nobody knows beforehand: the ratio of that is the mean of their ratios, so that
        looking at more of them does not raise more alarms.

        Args:
            values: Their figures, at least one.

        Example:
            >>> bin = fit("any", [2, 3, 4, 3, 2], [-1, 0, 1, 0, -1])
            >>> bin.one_of([3, -1])[0] < bin.one_of([3])[0]
            True
        """
        told = [self.log10_lr(value) for value in values]
        ratios = np.array([[ratio, *ends] for ratio, ends in told])
        ratio, low, high = np.log10((10**ratios).mean(axis=0))
        return float(ratio), (float(low), float(high))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a signal's figures are worth.

    Attributes:
        signal: Its name.
        made: Date, and the command that made it.
        data: On what it was made, in a sentence.
        error_rate: How often the signal errs on material held out, in a sentence.
        by_kind: (kind, how often it errs on it), where that is known apart.
        bins: By kind of material; none where the signal was found to be no better than chance.
    """

    signal: str
    made: str
    data: str
    error_rate: str
    bins: tuple[Bin, ...]
    by_kind: tuple[tuple[str, str], ...] = ()

    def errs(self, kind: str) -> str:
        """How often it errs on material of that kind, in a sentence; on all where not known."""
        return dict(self.by_kind).get(kind, self.error_rate)

    def bin(self, name: str) -> Bin | None:
        """The calibration for material of that kind; None where there is none."""
        return next((one for one in self.bins if one.name == name), None)

    def as_json(self) -> str:
        """The text of its file."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def calibration(signal: str) -> Calibration | None:
    """The calibration that ships for a signal; None where there is none.

    Raises:
        ProvenanceError: Its file is not what was published.
    """
    place = files("masquerade.forensics") / "calibrations" / f"{signal}.json"
    if not place.is_file():
        return None
    try:
        return from_json(place.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise ProvenanceError(
            f"the calibration of {signal} cannot be read ({error})",
            "the file as it was published",
            "install Masquerade again",
        ) from error


def weighed(one: Evidence, kind: str) -> Evidence:
    """The evidence with the ratio that its figure is worth on material of a kind.

    Args:
        one: Evidence with a figure.
        kind: Of the material, as the calibration's bins are named.

    Raises:
        ProvenanceError: The calibration that ships is not what was published.
    """
    known = calibration(one.signal)
    if known is None or one.value is None:
        return replace(one, calibration=f"none{SHOWN_ONLY}")
    found = known.bin(kind)
    if found is None:
        why = "none better than chance"
        if known.bins:
            why = f"none for material like this ({_IN_WORDS.get(kind, kind)})"
        return replace(one, calibration=f"{why}{SHOWN_ONLY}", error_rate=known.errs(kind))
    ratio, ci95 = found.log10_lr(one.value)
    data = f"{found.manipulated} manipulated and {found.recorded} recorded examples"
    return replace(
        one,
        log10_lr=ratio,
        ci95=ci95,
        weight=found.weight,
        calibration=f"{known.data} ({_IN_WORDS.get(kind, kind)}: {data}; {known.made})",
        error_rate=known.errs(kind),
    )


def from_json(text: str) -> Calibration:
    """A calibration from the text of its file.

    Raises:
        ValueError: The text is no JSON; KeyError or TypeError where something is missing.
    """
    stored: Mapping[str, Any] = json.loads(text)
    bins = tuple(
        Bin(**{**one, "resampled": tuple((float(a), float(b)) for a, b in one["resampled"])})
        for one in stored["bins"]
    )
    by_kind = tuple((str(kind), str(words)) for kind, words in stored.get("by_kind", ()))
    return Calibration(**{**stored, "bins": bins, "by_kind": by_kind})


def only_suspects(one: Evidence, why: str) -> Evidence:
    """The evidence without a ratio where it would speak for a recording.

    Args:
        one: Evidence, weighed or not.
        why: Why a signal that suspects nothing is no sign of a recording, as the report says it.
    """
    if one.log10_lr is None or one.log10_lr > 0:
        return one
    return replace(one, log10_lr=None, ci95=None, calibration=f"{why}{SHOWN_ONLY}")


def fit(
    name: str,
    manipulated: Sequence[float],
    recorded: Sequence[float],
    *,
    people: tuple[Sequence[str], Sequence[str]] | None = None,
    seed: int = 0,
) -> Bin:
    """A bin learnt from the figures of known material.

    Args:
        name: Kind of material.
        manipulated: Figures under H1, at least 5.
        recorded: Figures under H2, at least 5.
        people: Whose each of them is, where people have several: the resampling draws people then.
        seed: Of the resampling.

    Raises:
        ValueError: There are too few.

    Example:
        >>> fit("any", [2, 3, 4, 3, 2], [-1, 0, 1, 0, -1]).log10_lr(3)[0] > 0.5
        True
    """
    one, other = (np.asarray(values, np.float64) for values in (manipulated, recorded))
    if min(len(one), len(other)) < 5:
        raise ValueError(f"{len(one)} and {len(other)} examples cannot be calibrated on")
    slope, intercept = _logistic(one, other)
    rng = np.random.default_rng(seed)
    drawn = [
        _drawn(some, None if people is None else people[n]) for n, some in enumerate((one, other))
    ]
    resampled = tuple(_logistic(drawn[0](rng), drawn[1](rng)) for _ in range(_RESAMPLES))
    both = np.concatenate([one, other])
    low, high = float(both.min()), float(both.max())
    return Bin(name, slope, intercept, resampled, low, high, len(one), len(other))


def _drawn(
    figures: NDArray[np.float64], people: Sequence[str] | None
) -> Callable[[np.random.Generator], NDArray[np.float64]]:
    """Draws as many examples, or the examples of as many people, with replacement."""
    if people is None:
        return lambda rng: rng.choice(figures, len(figures))
    whose = np.asarray(people)
    parts = [figures[whose == name] for name in dict.fromkeys(people)]
    return lambda rng: np.concatenate(
        [parts[place] for place in rng.integers(len(parts), size=len(parts))]
    )


def _logistic(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """(slope, intercept) of log10 odds at even prior odds: Newton's method, a little ridge."""
    x = np.concatenate([one, other])
    middle, spread = float(x.mean()), float(x.std()) or 1.0
    design = np.column_stack([(x - middle) / spread, np.ones_like(x)])
    wanted = np.concatenate([np.ones_like(one), np.zeros_like(other)])
    weight = np.concatenate(
        [np.full(len(one), 0.5 / len(one)), np.full(len(other), 0.5 / len(other))]
    )
    beta = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        ridge = _RIDGE * np.diag([1.0, 0.0])
        slope = design.T @ (weight * (chance - wanted)) + ridge @ beta
        curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + ridge + 1e-9 * np.eye(2), slope)
        beta = beta - step
        if float(np.abs(step).max()) < 1e-9:
            break
    slope_raw = beta[0] / spread
    return float(slope_raw / _LN10), float((beta[1] - slope_raw * middle) / _LN10)
