"""What marks, manifests and the ledger say of a file's origin, as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.forensics.evidence import Applies, Evidence, Family, Standing
from masquerade.provenance.verify import verify
from masquerade.provenance.verify_report import VerifyReport

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
        says=report.verdict[:1].upper() + report.verdict[1:] + ".",
        limits=LIMITS,
        standing=standing(report),
    )


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
