"""Evidence about a file, and reports that are signed and entered into the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "evidence about a picture, video or sound, with reports"
gives: Final = "report"


class Spec(Options):
    """What is to be examined, and where reports go."""

    target: Path
    """A picture, video or sound; only read."""
    reports: tuple[Path, ...] = Field((), max_length=8)
    """Reports that are written, as .html, .pdf, .json or .md."""
    signals: tuple[str, ...] = Field((), max_length=64)
    """Names of the signals to run; all where none is named."""
    person: Path | None = None
    """An enrolled person, to compare with."""
    overwrite: bool = False
    """Replace reports that exist."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Examines it and writes the reports."""
    from masquerade.pipelines.examine.examine import examine
    from masquerade.pipelines.examine.save import check_reports, save

    overwrite = spec.overwrite or work.again
    check_reports(spec.reports, overwrite=overwrite)
    found = examine(spec.target, signals=spec.signals, person=spec.person, tell=work.progress)
    work.tell_all(found.lines())
    told = found.as_json()
    if spec.reports:
        saved = save(found, spec.reports, overwrite=overwrite)
        told["reports"] = [str(path) for path in saved.reports]
        told["ledger"] = saved.ledger_id
    return told
