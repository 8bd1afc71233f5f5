"""All evidence together: what provenance says first, then likelihood ratios, family by family.

Signals of one family see the same traces, so their ratios are averaged, not added, each weighed by
what it was found to tell: one that is hardly better than chance cannot water down one that is.
Families are added, and the sum is shrunk, because they are not wholly independent either. A verdict
needs two families, or one that speaks very clearly; a file that no signal suspects is not thereby
genuine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from masquerade.forensics.doubt import EVEN, about, beside_marks, doubt, unweighed, without_ratios
from masquerade.forensics.evidence import (
    Applies,
    Evidence,
    Family,
    Finding,
    Standing,
    Verdict,
)

SHRINK: Final = 0.7
_NARROW: Final = 0.02  # log10 between the ends of an interval that the bound on ratios has cut off
_STRENGTHS: Final = ((2.0, "strong"), (1.0, "moderate"), (0.0, "weak"))

_BY_STANDING: Final[Mapping[Standing, tuple[Finding, str]]] = {
    Standing.BROKEN: (
        Finding.BROKEN,
        "What was signed or recorded about this file no longer fits it: it was changed since.",
    ),
    Standing.DECLARED: (
        Finding.DECLARED,
        "The file itself declares that it was generated or altered by machine.",
    ),
    Standing.CAPTURED: (
        Finding.VERIFIED,
        "A known signer states that this was captured by a device, and it is unchanged since.",
    ),
}


def fuse(evidence: Sequence[Evidence]) -> Verdict:
    """The verdict that all evidence on one file comes to.

    Args:
        evidence: From every signal that was run, those that do not apply too.
    """
    families = ratios(evidence)
    for one in evidence:
        if one.standing in _BY_STANDING:
            finding, sentence = _BY_STANDING[one.standing]
            more = beside_marks(finding, evidence, families, together(families))
            return Verdict(finding, sentence, reasons=(one.says, *more))
    if not families:
        return _without_ratios(evidence)
    total = together(families)
    words = strength(total)
    reasons = tuple(
        f"{family}: {said(ratio)}" for family, ratio in sorted(families.items(), key=_by_weight)
    )
    why_not = doubt(families, total)
    if why_not:
        return Verdict(Finding.INCONCLUSIVE, why_not, total, words, reasons)
    return Verdict(
        Finding.MANIPULATED,
        f"The evidence gives {words} support to the proposition that this was generated or altered"
        " by machine.",
        total,
        words,
        reasons,
    )


def ratios(evidence: Sequence[Evidence]) -> dict[Family, float]:
    """Log10 of the likelihood ratio of each family that has one: the weighted mean over signals."""
    found: dict[Family, list[tuple[float, float]]] = {}
    for one in evidence:
        if one.log10_lr is not None and one.applies is not Applies.NO and one.weight > 0:
            found.setdefault(one.family, []).append((one.log10_lr, one.weight))
    return {
        family: float(
            np.average([ratio for ratio, _ in values], weights=[weight for _, weight in values])
        )
        for family, values in found.items()
    }


def together(families: Mapping[Family, float]) -> float:
    """Log10 of the ratio of all families: their sum, shrunk where there is more than one."""
    total = float(sum(families.values()))
    return total if len(families) == 1 else SHRINK * total


def strength(log10_lr: float) -> str:
    """The verbal scale: 1 to 10 weak, 10 to 100 moderate, above that strong."""
    return next(word for least, word in _STRENGTHS if abs(log10_lr) >= least)


def said(log10_lr: float) -> str:
    """A ratio in words.

    Example:
        >>> said(1.3)
        'the findings are about 20 times as likely if it was made or altered by machine'
    """
    if abs(log10_lr) < EVEN:
        return "the findings are about as likely either way"
    side = "made or altered by machine" if log10_lr > 0 else "recorded"
    return f"the findings are about {about(log10_lr)} times as likely if it was {side}"


def _without_ratios(evidence: Sequence[Evidence]) -> Verdict:
    """What is to be said where no signal gave a ratio."""
    applied = [one for one in evidence if one.applies is not Applies.NO]
    looked = [one for one in applied if one.family not in (Family.PROVENANCE, Family.METADATA)]
    if not looked:
        return Verdict(
            Finding.NOT_EXAMINABLE,
            "No signal that can be weighed applies to this file; nothing is said of it.",
        )
    return Verdict(Finding.INCONCLUSIVE, without_ratios(applied), reasons=tuple(unweighed(looked)))


def interval(ci95: tuple[float, float]) -> str:
    """A 95 % interval of a ratio in words, from that of its decimal logarithm.

    Example:
        >>> interval((0.69, 1.62))
        '95 % interval 4.9 to 42'
    """
    low, high = (f"{10**end:.2g}" if end < 1 else f"{10**end:.0f}" for end in ci95)
    if ci95[1] - ci95[0] < _NARROW:
        return "about the most that the examples known so far allow"
    return f"95 % interval {low} to {high}"


def _by_weight(item: tuple[Family, float]) -> float:
    return -abs(item[1])
