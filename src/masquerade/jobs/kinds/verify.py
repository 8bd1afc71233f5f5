"""What marks a file carries and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "what marks a file carries and what they are worth"
gives: Final = "report"


class Spec(Options):
    """Which file."""

    target: Path
    """A picture, video or sound; only read."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Reads the marks."""
    from masquerade.provenance.verify import verify

    work.progress("reading its marks", 0, None)
    report = verify(spec.target)
    work.tell_all(report.lines())
    return report.as_json()
