"""How a finding of an examination stands, as a colour and shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from masquerade.forensics.evidence import Finding
from masquerade.server.ui.pieces import Tone

_TONES: Final[Mapping[str, Tone]] = {
    Finding.VERIFIED.value: "good",
    Finding.AUTHENTIC.value: "good",
    Finding.DECLARED.value: "told",
    Finding.BROKEN.value: "bad",
    Finding.MANIPULATED.value: "bad",
}


def tone_of_finding(finding: str) -> Tone:
    """The tone of a finding, by its word.

    Example:
        >>> tone_of_finding("inconclusive")
        'open'
    """
    return _TONES.get(finding, "open")
