"""What an examination says: evidence from each signal, and a verdict from all of them.

A likelihood ratio compares two stated propositions: that the material was manipulated by machine,
and that it was not. Its logarithm is positive where the observation speaks for manipulation. It is
None wherever nothing was calibrated for material of that kind: then the figure is shown, and counts
for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from masquerade.types import PixelBox

PROPOSITIONS = (
    "H1: the face, voice or picture was generated or altered by machine",
    "H2: it was recorded, and only processed in ordinary ways since",
)

SHOWN_ONLY: Final = ": shown, not weighed"
"""Ends `Evidence.calibration` of what counts for nothing, after the reason."""


class Family(StrEnum):
    """Signals that look at the same thing; they are fused before families are added."""

    PROVENANCE = "provenance"
    METADATA = "metadata"
    IMAGE = "image"
    FACE = "face"
    SOUND = "sound"
    SYNC = "sync"
    PERSON = "person"


class Applies(StrEnum):
    """Whether a signal can say anything of a file."""

    YES = "applies"
    LIMITED = "limited"
    NO = "not applicable"


class Standing(StrEnum):
    """What marks and manifests say of a file's origin, in one word."""

    CAPTURED = "captured"
    DECLARED = "declared synthetic"
    BROKEN = "broken"
    SIGNED = "signed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that shows what a signal saw; not evidence by itself.

    Attributes:
        name: Of the file in a folder of figures, without ending.
        png: The picture.
        caption: What is to be seen.
    """

    name: str
    png: bytes = field(repr=False)
    caption: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time line and how strongly a signal reacts there, in [0, 1]."""

    start_s: Fraction
    end_s: Fraction
    level: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one signal found in one file.

    Attributes:
        signal: Its name in the registry.
        family: What it looks at.
        applies: Whether it can say anything here.
        says: One plain sentence: what was found, or why nothing can be said.
        value: The figure that was measured; None where it does not apply.
        unit: What the figure is, in words.
        log10_lr: Decimal logarithm of the likelihood ratio; None without a calibration.
        ci95: 95 % interval of `log10_lr`.
        calibration: Which calibration gave it, and on how much material; or why none did.
        limits: What the signal cannot tell, in a sentence.
        error_rate: How often it errs, as measured, in a sentence.
        options_json: The signal's Options as canonical JSON.
        region: Where in the picture; None for everywhere.
        stretches: Where on the time line.
        figures: Pictures for the report.
        standing: Of the provenance family alone: what marks and manifests say.
        weight: How much `log10_lr` counts beside others of its family: what the calibration was
            found to tell on material held out, from 0 (nothing) to 1 (everything).
        details: (what, in words), one by one, where a sentence does not hold what was found.
    """

    signal: str
    family: Family
    applies: Applies
    says: str
    value: float | None = None
    unit: str = ""
    log10_lr: float | None = None
    ci95: tuple[float, float] | None = None
    calibration: str = ""
    limits: str = ""
    error_rate: str = ""
    options_json: str = "{}"
    region: PixelBox | None = None
    stretches: tuple[Stretch, ...] = ()
    figures: tuple[Figure, ...] = ()
    standing: Standing = Standing.NONE
    weight: float = 1.0
    details: tuple[tuple[str, str], ...] = ()


def silent(signal: str, family: Family, why: str, *, limits: str, options_json: str) -> Evidence:
    """The evidence of a signal that can say nothing of a file.

    Args:
        signal: Its name.
        family: What it looks at.
        why: One plain sentence.
        limits: What it cannot tell anyway.
        options_json: Its Options as canonical JSON.
    """
    return Evidence(signal, family, Applies.NO, why, limits=limits, options_json=options_json)


class Finding(StrEnum):
    """What a verdict comes to."""

    VERIFIED = "verified provenance"
    DECLARED = "declared synthetic"
    BROKEN = "provenance broken"
    MANIPULATED = "evidence supports manipulation"
    AUTHENTIC = "evidence supports authenticity"
    INCONCLUSIVE = "inconclusive"
    NOT_EXAMINABLE = "not examinable"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all evidence together comes to.

    Attributes:
        finding: The kind of verdict.
        sentence: It in plain words.
        log10_lr: Of all families together; None where nothing was calibrated.
        strength: Weak, moderate or strong; empty where there is no ratio.
        reasons: Why it is this and no other, in sentences.
    """

    finding: Finding
    sentence: str
    log10_lr: float | None = None
    strength: str = ""
    reasons: tuple[str, ...] = ()
