"""What will go wrong when a person is replaced, said before the work, with a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.errors import UsageError
from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "what will go wrong when a person is replaced, shot by shot, with a picture"
gives: Final = "report"


class Spec(Options):
    """Of which video, and of whom; either may be left out."""

    target: Path | None = None
    """The video to change."""
    source: Path | None = None
    """A photo of the whole person who is to be seen."""
    source_video: Path | None = None
    """A video of them in its place."""
    person: str = Field("auto", max_length=200)
    """Who is replaced: largest, left, right, or a number from the left."""
    out: Path
    """A picture of shots, bones and places behind, as .png."""
    overwrite: bool = False
    """Replace the picture if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Looks at both.

    Raises:
        UsageError: Neither is given, or the source twice, or the picture cannot be written there.
    """
    from masquerade.pipelines.body.inspection import inspect_body
    from masquerade.pipelines.source.inspection import check_picture, save_picture

    if not (spec.target or spec.source or spec.source_video):
        raise UsageError("nothing is given to be looked at", "a video to change, or who is seen")
    if spec.source and spec.source_video:
        raise UsageError(
            "a photo of the source and a video of it are given", "one of them at a time"
        )
    overwrite = spec.overwrite or work.again
    check_picture(spec.out, overwrite=overwrite)
    report = inspect_body(
        spec.target,
        spec.source,
        spec.person,
        source_video=spec.source_video,
        progress=work.progress,
    )
    save_picture(report.picture, spec.out, overwrite=overwrite)
    work.tell_all(report.lines())
    return {"out": str(spec.out), **report.as_json()}
