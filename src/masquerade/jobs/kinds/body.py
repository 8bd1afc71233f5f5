"""A video in which a whole person becomes another one, who moves as they did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from masquerade.compose.blend import ComposeOptions
from masquerade.generate.body import Options
from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Consented

summary: Final = "a whole person becomes another, who moves as they did"
gives: Final = "media"


class Spec(Consented):
    """Who is seen, in whose place."""

    target: Path
    """The video to change."""
    source: Path | None = None
    """A photo of the whole person who is to be seen."""
    source_video: Path | None = None
    """A video of them, in its place or besides."""
    model: Path | None = None
    """A network that was trained on them, as `masquerade train body` wrote it."""
    holdout: Path | None = None
    """A matte, a video like the target or one picture: what is white in it stays in front."""
    way: Literal["auto", "photo", "video"] = "auto"
    """Whether they are drawn from one picture or from moments of the video."""
    person: str = Field("auto", max_length=200)
    """Who is replaced: largest, left, right, or a number from the left."""
    force_quality: bool = False
    """Make shots all the same that will look wrong."""
    options: Options = Options()
    """Options of the method."""
    blending: ComposeOptions | None = None
    """How people are put into frames; the usual way for bodies where left out."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves it."""
    from masquerade.pipelines.body.replace import BLENDING, Request, replace_body

    request = Request(
        source=spec.source,
        source_video=spec.source_video,
        way=spec.way,
        consents=spec.consents,
        person=spec.person,
        purpose=spec.purpose,
        force_quality=spec.force_quality,
        options=spec.options,
        blending=spec.blending or BLENDING,
        model=spec.model,
        holdout=spec.holdout,
    )
    made = replace_body(
        spec.target,
        spec.out,
        request,
        spec.saving(work),
        progress=work.progress,
        tell=work.tell,
    )
    return work.told(made)
