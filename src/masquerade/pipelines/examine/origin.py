"""What marks, manifests and the ledger say of a file's origin, as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from masquerade.forensics.evidence import Applies, Evidence, Family, Standing
from masquerade.provenance.c2pa.words import SOURCE_TYPES
from masquerade.provenance.canonical import unicode_text
from masquerade.provenance.verify import verify
from masquerade.provenance.verify_report import VerifyReport
from masquerade.provenance.verify_words import parted

SIGNAL: Final = "provenance"
LIMITS: Final = (
    "Most files carry no marks: their absence says nothing. A manifest is its signer's claim."
)
_SYNTHETIC: Final = frozenset(
    (
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "algorithmicMedia",
        "compositeSynthetic",
        "virtualRecording",
    )
)
_MOST: Final = 3  # AI models named beside the verdict; all stand below
_CAPTURED: Final = frozenset(("digitalCapture", "computationalCapture"))


def origin(path: Path, *, home: Path | None = None) -> Evidence:
    """The provenance of a file as one piece of evidence; it comes before all others.

    Args:
        path: Any file.
        home: The installation's folder.

    Raises:
        InputError: The file cannot be read.
        ProvenanceError: This installation's own keys or ledger cannot be read.
    """
    report = verify(path, home=home)
    return Evidence(
        signal=SIGNAL,
        family=Family.PROVENANCE,
        applies=Applies.YES,
        says=" ".join((report.verdict[:1].upper() + report.verdict[1:] + ".", *_declared(report))),
        limits=LIMITS,
        standing=standing(report),
        details=tuple(
            (what, unicode_text(words.replace(str(path), path.name)))
            for what, words in parted(report.lines()[1:])
        ),
    )


def _declared(report: VerifyReport) -> Iterator[str]:
    """What in an intact manifest says that a machine took part; nothing where nothing does."""
    found = report.credentials
    if found.state == "intact" and not report.broken:
        kinds = [SOURCE_TYPES[term] for term in found.source_types if term in _SYNTHETIC]
        some = [*kinds, *(f"AI model {name}" for name in found.ai_models[:_MOST])]
        if some:
            yield f"Its manifest says: {'; '.join(some)}."


def standing(report: VerifyReport) -> Standing:
    """What a verify report comes to, in one word.

    A capture counts only where the signer is known here: anybody can make a certificate.
    """
    found = report.credentials
    if report.broken:
        return Standing.BROKEN
    kinds = set(found.source_types) if found.state == "intact" else set()
    if report.marked or report.ledger_state == "found" or kinds & _SYNTHETIC or found.ai_models:
        return Standing.DECLARED
    if found.state == "intact" and found.signer == "known" and kinds & _CAPTURED:
        return Standing.CAPTURED
    return Standing.SIGNED if found.state == "intact" else Standing.NONE
