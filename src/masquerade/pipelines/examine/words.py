"""An examination in the words of a report, the same for every kind of paper and screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import masquerade
from masquerade.forensics.doubt import EVEN, NOT_USED, uncounted
from masquerade.forensics.evidence import (
    PROPOSITIONS,
    Applies,
    Evidence,
    Family,
    Figure,
    Finding,
    Standing,
    Verdict,
)
from masquerade.forensics.fuse import interval, said
from masquerade.pipelines.examine.examine import Examination, libraries

MEANS: Final[Mapping[Finding, str]] = {
    Finding.VERIFIED: "The signer vouches for the capture, and the file was not changed since. That"
    " does not say that what stood before the camera was true.",
    Finding.DECLARED: "Whoever made it, or the program they used, says so in the file itself.",
    Finding.BROKEN: "It was changed after it was signed or recorded; how, this does not say.",
    Finding.MANIPULATED: "This is a weighing of traces, not a proof. Ask for the original file, and"
    " for others from the same place and time, before you rely on it.",
    Finding.AUTHENTIC: "This rests on its provenance or on a reference recording.",
    Finding.INCONCLUSIVE: "This is an ordinary outcome. It does not say that the file is genuine,"
    " and it does not say that it is false.",
    Finding.NOT_EXAMINABLE: "Nothing could be measured that would tell. That is no sign of"
    " anything, and above all not a sign that the file is genuine.",
}
FAMILIES: Final[Mapping[Family, str]] = {
    Family.PROVENANCE: "Marks and manifests",
    Family.METADATA: "What the file says of itself",
    Family.IMAGE: "How the picture is stored",
    Family.FACE: "The face",
    Family.SOUND: "The sound",
    Family.SYNC: "Sound and picture together",
    Family.PERSON: "The person",
}
TITLES: Final[Mapping[str, str]] = {
    "provenance": "marks and manifests",
    "claims": "camera and programs named",
    "container": "programs that stored it",
    "declared": "tags that name a generator",
    "capture": "time and place",
    "error_level": "what changes when stored again",
    "spectrum": "fine detail of the face",
    "face_grain": "grain of the face",
    "face_sharpness": "sharpness of the face",
    "boundary_flicker": "flicker at the face's rim",
    "identity_drift": "one face throughout",
    "landmark_jitter": "trembling features",
    "learned_face": "face network",
    "learned_sound": "voice network",
    "band_limits": "bandwidth",
    "noise_floor": "noise in pauses",
    "sound_edits": "cuts and repeats",
    "lip_sync": "lips and voice",
    "bilabial_closure": "lips at m, b and p",
    "person_of_interest": "the person compared with",
}
_BESIDE: Final = (Family.PROVENANCE, Family.METADATA)
_BY_MARKS: Final = (Finding.VERIFIED, Finding.DECLARED, Finding.BROKEN)
NOTHING: Final = "Nothing that was measured can be weighed on a file like this."
UNFOUND: Final = (
    "No traces were found by: {names}. Many forgeries pass, so that this counts for nothing."
)
_LARGE: Final = 1000  # from here, figures are told in whole numbers
READING: Final = (
    "A ratio compares two statements. At 20, what was found is about 20 times as likely if the"
    " first is true as if the second is. It is no probability that the file is false: that also"
    " depends on everything else that is known of it. Ratios of 1 to 10 are called weak, of 10 to"
    " 100 moderate, above that strong; none goes further than the number of examples it was learned"
    " on allows. Nothing is concluded below 10 to 1, nor below 100 to 1 from one kind of evidence."
)
MEASURES: Final = (
    "How well an item does was measured on files of known origin. The area under the curve (AUC)"
    " says how often a manipulated file stands above a recorded one: 0.5 is chance, 1 is always."
    " EER is the share of errors where both kinds are equally frequent, TPR@1% the share found at"
    " one false alarm in a hundred, and Cllr what the ratios are worth: 0 is everything, 1 nothing."
)


@dataclass(frozen=True, slots=True)
class Custody:
    """Who examined a file and when, as the ledger has it.

    Attributes:
        ledger_id: Of the entry.
        time: UTC, ISO 8601, to the second.
        signed_by: This installation's public key.
    """

    ledger_id: str
    time: str
    signed_by: str


def name_of(one: Evidence) -> str:
    """A signal's name for people."""
    return title_of(one.signal)


def title_of(signal: str) -> str:
    """The same, by its name in the registry.

    Args:
        signal: As in `Evidence.signal`.
    """
    return TITLES.get(signal) or signal.replace("_", " ").replace("jpeg", "JPEG")


def items(found: Examination) -> list[Evidence]:
    """What can say something, by family."""
    order = list(Family)
    told = [one for one in found.evidence if one.applies is not Applies.NO]
    return sorted(told, key=lambda one: order.index(one.family))


def counted(found: Examination) -> list[Evidence]:
    """What the verdict rests on: marks that decide, or what was weighed."""
    some = [one for one in items(found) if _counts(one)]
    marks = [one for one in some if one.standing is not Standing.NONE]
    return marks if found.verdict.finding in _BY_MARKS else some


def maps(found: Examination) -> Iterator[Figure]:
    """The first picture of each item that speaks for manipulation: where to look.

    None of a sound, whose spectrum is shown with the same places marked.
    """
    for one in items(found) if found.kind != "audio" else ():
        if one.log10_lr is not None and one.log10_lr > EVEN:
            yield from one.figures[:1]


def aside(found: Examination) -> Iterator[str]:
    """What was measured and counts for nothing, a line for each reason."""
    names: dict[str, list[str]] = {}
    for one in items(found):
        if not _counts(one) and one.family not in _BESIDE:
            names.setdefault(uncounted(one), []).append(name_of(one))
    for why, some in names.items():
        words = ", ".join(some)
        yield f"{words[:1].upper()}{words[1:]}: {why}."


def rests(found: Examination) -> Iterator[str]:
    """What each item that counts says, and what that is worth, a line each; or that none does."""
    some = counted(found)
    for one in some:
        yield " ".join((f"{name_of(one)}: {one.says} {worth(one)}", *innocent(one)))
    yield from beside(found)


def innocent(one: Evidence) -> Iterator[str]:
    """What else can look like what speaks for manipulation, told right beside it."""
    if one.log10_lr is not None and one.log10_lr > EVEN and one.limits:
        yield f"What it cannot tell: {one.limits}"


def beside(found: Examination) -> Iterator[str]:
    """Measurements beside marks that decide, or that nothing counts and why, a line each."""
    if found.verdict.finding in _BY_MARKS:
        yield from found.verdict.reasons[1:]
    elif not counted(found):
        clean = [name_of(one) for one in items(found) if one.calibration.startswith(NOT_USED)]
        yield UNFOUND.format(names=", ".join(clean)) if clean else NOTHING


def untested(found: Examination) -> Iterator[str]:
    """What could not be tested, a line for each reason."""
    names: dict[str, list[str]] = {}
    for signal, why in found.not_tested:
        names.setdefault(why, []).append(title_of(signal))
    for why, some in names.items():
        words = ", ".join(some)
        yield f"{words[:1].upper()}{words[1:]}: {why}"


def told(found: Examination) -> Iterator[str]:
    """What marks and metadata say, where that decides nothing; not what was looked for in vain."""
    for one in items(found):
        marks = one.family is Family.PROVENANCE
        if not _counts(one) and (marks or (one.family is Family.METADATA and one.value)):
            yield one.says


def _counts(one: Evidence) -> bool:
    return one.log10_lr is not None or one.standing is not Standing.NONE


def figure_of(one: Evidence) -> str:
    """The figure with what it is; empty where there is none."""
    if one.value is None:
        return ""
    number = f"{one.value:,.0f}" if abs(one.value) >= _LARGE else f"{one.value:.4g}"
    return f"{number} {one.unit}"


def worth(one: Evidence) -> str:
    """What the figure is worth, in a sentence."""
    if one.family is Family.PROVENANCE or one.standing is not Standing.NONE:
        return "What is declared and signed comes before everything that is measured."
    if one.log10_lr is None or one.ci95 is None:
        return "It is shown and counts for nothing in the verdict."
    words = said(one.log10_lr)
    return f"{words[:1].upper()}{words[1:]} ({interval(one.ci95)})."


def weight(verdict: Verdict) -> str:
    """What all evidence together is worth, in a sentence; empty where nothing was weighed."""
    if verdict.log10_lr is None:
        return ""
    strength = "" if abs(verdict.log10_lr) < EVEN else f"; that is called {verdict.strength}"
    return f"All together, {said(verdict.log10_lr)}{strength}."


def facts(found: Examination) -> Iterator[tuple[str, str]]:
    """(what, value) of the file and of how it was examined."""
    yield "File", found.name
    yield "Kind", found.kind
    yield "Size", f"{found.size_bytes:,} bytes"
    if found.duration_s is not None:
        yield "Length", f"{float(found.duration_s):.2f} s"
    yield "SHA-256", found.sha256
    yield "SHA-512", found.sha512
    yield "Looked at", found.looked_at
    for words in found.damages:
        yield "Note", words
    versions = ", ".join(f"{name} {number}" for name, number in libraries())
    yield "Program", f"Masquerade {masquerade.__version__} ({versions})"
    yield "To do it again", found.command


def custody_facts(custody: Custody) -> Iterator[tuple[str, str]]:
    """(what, value) of who examined it when."""
    yield "Examined", f"{custody.time} (as this computer's clock says)"
    yield "Ledger entry", custody.ledger_id
    yield "Signed by", custody.signed_by


def propositions() -> tuple[str, str]:
    """Both statements that are compared."""
    return PROPOSITIONS
