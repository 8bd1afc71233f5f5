"""Why nothing is concluded, in words: what was found, how strong it is, and what it lacks.

"Inconclusive" is the most frequent verdict, and the first words of a report that anybody reads.
They say whether signs of manipulation were found or none, where, and how far from a finding they
are; never that a file without signs is genuine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from masquerade.forensics.evidence import SHOWN_ONLY, Evidence, Family, Finding, Standing

LEAST: Final = 1.0  # log10 of the ratio below which nothing is said
ALONE: Final = 2.0  # log10 of the ratio from which one family is enough
EVEN: Final = 0.18  # log10 of the ratio below which findings are as likely either way
NOT_USED: Final = "not used"
"""Begins `Evidence.calibration` of a signal that found no traces, and so counts for nothing."""
_WHY: Final[Mapping[str, str]] = {
    "none": "shown only; honest files differ as much",
    "none better than chance": "no better than chance, or nearly so, where it was tried",
}
_OTHER: Final = "not known well enough on files of this kind"
_SPEAKS: Final = 0.5  # log10 of the ratio from which a family is on one side
_WHERE: Final[Mapping[Family, str]] = {
    Family.IMAGE: "in how the picture is stored",
    Family.FACE: "in the face",
    Family.SOUND: "in the sound",
    Family.SYNC: "between lips and voice",
    Family.PERSON: "in how the person looks and moves",
}


def doubt(families: Mapping[Family, float], total: float) -> str:
    """Why nothing is concluded; empty where something is.

    Args:
        families: Log10 of the ratio of each.
        total: Of all together.
    """
    sides = {np.sign(ratio) for ratio in families.values() if abs(ratio) >= _SPEAKS}
    if len(sides) > 1:
        each = "; ".join(f"{_where([one])} {_odds(ratio)}" for one, ratio in families.items())
        return f"The evidence points both ways ({each}), so that nothing is concluded."
    if total <= -LEAST:
        return (
            "Nothing that was looked for was found. That does not show that the file is genuine:"
            " only its provenance or a reference recording can."
        )
    if abs(total) < EVEN:
        return "What was found is about as likely in recorded files: nothing is concluded."
    if total < 0:
        return (
            f"What was found is somewhat likelier in recorded files ({_odds(total)}). That does not"
            " show that this one is genuine."
        )
    where = _where(one for one, ratio in families.items() if ratio > EVEN)
    if total < LEAST:
        return (
            f"Faint signs of manipulation were found {where}, {_odds(total)}. Recorded files show"
            " as much at times, so that nothing is concluded."
        )
    if len(families) < 2 and total < ALONE:
        return (
            f"Signs of manipulation were found {where}, {_odds(total)}. That is a reason to look"
            f" further, and no finding: one kind of evidence alone has to reach {10**ALONE:.0f} to"
            " 1, because any one of them errs."
        )
    return ""


def without_ratios(applied: Sequence[Evidence]) -> str:
    """What is to be said where signals looked and none gave a ratio.

    Args:
        applied: From signals that looked at the file.
    """
    clean = [one.family for one in applied if one.calibration.startswith(NOT_USED)]
    told = (
        f"No traces of the kinds that count were found {_where(clean)}. That does not show that the"
        " file is genuine: many forgeries leave none of them."
        if clean
        else "What could be measured cannot be weighed on a file like this: nothing is concluded."
    )
    if any(one.standing is Standing.SIGNED for one in applied):
        return f"It is unchanged since somebody signed it who is not known here. {told}"
    return told


def unweighed(looked: Sequence[Evidence]) -> Iterator[str]:
    """Which signals count for nothing, a sentence for each reason."""
    by_why: dict[str, list[str]] = {}
    for one in looked:
        by_why.setdefault(uncounted(one), []).append(one.signal.replace("_", " "))
    for why, names in by_why.items():
        yield f"Measured, and counted for nothing: {', '.join(names)} ({why})."


def uncounted(one: Evidence) -> str:
    """Why a figure counts for nothing, in words for people."""
    why = one.calibration.replace(SHOWN_ONLY, "").removeprefix("none, since ") or "none"
    return _WHY.get(why, _OTHER if why.startswith("none") else why)


def beside_marks(
    finding: Finding, evidence: Sequence[Evidence], families: Mapping[Family, float], total: float
) -> Iterator[str]:
    """What was measured on a file whose marks decide already, and what that means beside them.

    Args:
        finding: What the marks came to.
        evidence: From every signal.
        families: Log10 of the ratio of each family that has one.
        total: Of all together.
    """
    if not families:
        if any(one.calibration.startswith(NOT_USED) for one in evidence):
            yield f"Measured beside that: no traces that count. {_MISSED[finding]}"
        return
    if total < EVEN:
        yield f"Measured beside that: nothing that speaks for manipulation. {_MISSED[finding]}"
        return
    where = _where(one for one, ratio in families.items() if ratio > EVEN)
    faint = "faint signs" if total < LEAST else "signs"
    meaning = _FAINT if total < LEAST and finding is Finding.VERIFIED else _FOUND[finding]
    yield f"Measured beside that: {faint} of manipulation {where}, {_odds(total)}. {meaning}"


_MISSED: Final[Mapping[Finding, str]] = {
    Finding.DECLARED: "That takes nothing back: much that is made by machine leaves none.",
    Finding.BROKEN: "That does not mend it: changes of other kinds leave none.",
    Finding.VERIFIED: "The verdict rests on the signer's word, not on this.",
}
_FOUND: Final[Mapping[Finding, str]] = {
    Finding.DECLARED: "They agree with what is declared, and the verdict does not rest on them.",
    Finding.BROKEN: "The change may thus have been made by machine; the verdict rests on what no"
    " longer fits alone.",
    Finding.VERIFIED: "This contradicts what the signer states, or is a false alarm: ask the"
    " signer before you rely on it.",
}
_FAINT: Final = "Recorded files show as much at times."


def _where(families: Iterable[Family]) -> str:
    """Where signs were found, in words."""
    places = list(dict.fromkeys(_WHERE.get(one, f"in the {one}") for one in families))
    return " and ".join(places)


def _odds(ratio: float) -> str:
    """A ratio as what it is worth."""
    return f"worth about {about(ratio)} to 1{' against it' if ratio < 0 else ''}"


def about(log10_lr: float) -> str:
    """How many to one, in one digit and noughts; never rounded up to a limit that it misses.

    Args:
        log10_lr: Of the ratio; below 0, it is that of the other side.

    Example:
        >>> about(1.3), about(1.99), about(-2.2)
        ('20', '90', '200')
    """
    number = 10 ** abs(log10_lr)
    unit = 10 ** int(np.log10(number))
    return str(min(round(number / unit), 9) * unit)
