"""How good a swap is: the figures of the papers, on somebody's own files, and a picture of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.errors import UsageError
from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "a swap measured against what it was made from"
gives: Final = "report"


class Spec(Options):
    """What is compared, and where the picture goes."""

    target: Path
    """The file before the swap."""
    output: Path
    """The file after it."""
    sources: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Photos of the person who was put in."""
    out: Path | None = None
    """A picture of faces, numbers and curves, as .png; none where left out."""
    frames: int = Field(1500, ge=1, le=1_000_000)
    """At most so many are measured."""
    overwrite: bool = False
    """Replace the picture if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Measures it.

    Raises:
        UsageError: The picture is to have another ending, or exists.
    """
    from masquerade.evaluate.report import evaluate_swap
    from masquerade.evaluate.sheet import png, sheet, table, worst
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.report_file import put

    _check(spec, overwrite=spec.overwrite or work.again)
    report = evaluate_swap(
        spec.target,
        spec.output,
        spec.sources,
        FaceReader.open(progress=work.progress),
        most_frames=spec.frames,
        tell=work.progress,
    )
    rows = table(report)
    for row in rows:
        good = f" (good: {row.good})" if row.good else ""
        work.tell(f"{row.name}: {row.value}{good}")
    work.tell_all(worst(report))
    if spec.out is not None:
        put(spec.out, png(sheet(report)))
    missed = [row.name for row in rows if row.missed]
    return {**report.numbers(), "missed": missed, "out": str(spec.out) if spec.out else None}


def _check(spec: Spec, *, overwrite: bool) -> None:
    from masquerade.pipelines.report_file import check_no_link

    if spec.out is None:
        return
    check_no_link(spec.out)
    if spec.out.suffix.lower() != ".png":
        raise UsageError(f"{spec.out} is to hold a PNG picture", "a name that ends in .png")
    if spec.out.exists() and not overwrite:
        raise UsageError(f"{spec.out} exists", "a new file", "choose another name")
