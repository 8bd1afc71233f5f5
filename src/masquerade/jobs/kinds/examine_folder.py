"""Evidence about every file of a folder: a report each, a table and an index page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.errors import UsageError
from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "evidence about every file of a folder of this machine"
gives: Final = "report"


class Spec(Options):
    """Which folder, and where reports go."""

    target: Path
    """A folder with media; only read."""
    out: Path
    """A folder for reports, outside of it."""
    signals: tuple[str, ...] = Field((), max_length=64)
    """Names of the signals to run; all where none is named."""
    person: Path | None = None
    """An enrolled person, to compare each file with."""
    overwrite: bool = False
    """Replace reports that exist."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Examines one file after another, or where the worker spreads its work, several at a time.

    Raises:
        OutputError: Reports are there already; those of an earlier attempt are no hindrance.
        UsageError: Nothing in the folder can be examined.
    """
    from masquerade.distributed.place import opened_executor
    from masquerade.pipelines.examine.many import Folder, examine_folder
    from masquerade.pipelines.examine.tables import check_tables

    folder = Folder(spec.target, spec.out, spec.signals, spec.person)
    if not spec.overwrite and work.attempt == 1:
        check_tables(folder.out)
    with opened_executor(work.cluster) as executor:
        done = examine_folder(folder, tell=work.progress, executor=executor)
    if not done:
        raise UsageError(f"{spec.target} holds no media", "pictures, videos or sounds")
    work.tell_all(f"{one.place}: {one.verdict}" for one in done)
    rows = [
        {"file": one.place, "verdict": one.verdict, "sha256": one.sha256, "report": one.report}
        for one in done
    ]
    return {"files": rows, "index": str(spec.out / "index.html")}
