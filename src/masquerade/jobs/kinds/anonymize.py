"""A file in which everybody becomes somebody who does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from masquerade.compose.blend import ComposeOptions
from masquerade.generate.anonymize import Options
from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Making

summary: Final = "everybody in a picture or video becomes a person who does not exist"
gives: Final = "media"


class Spec(Making):
    """Who is to be hidden, and what if that is not possible."""

    target: Path
    """The file to change."""
    keep: tuple[str, ...] = Field((), max_length=64)
    """Who stays as they are: largest, left, centre, right, a number, or a photo."""
    only: tuple[str, ...] = Field((), max_length=64)
    """Who alone is hidden, named likewise."""
    on_failure: Literal["refuse", "pixelate"] = "refuse"
    """Where somebody cannot be drawn over: make nothing, or cover the whole head."""
    voice: Literal["keep", "disguise"] = "keep"
    """Keep voices as they are, or put another pitch and throat over all of the sound."""
    drop_sound: bool = False
    """Leave the sound out."""
    options: Options = Options()
    """Options of drawing."""
    blending: ComposeOptions | None = None
    """How faces are put into frames; the usual way for hiding where left out."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Hides them, seals and saves it."""
    from masquerade.pipelines.anonymize.anonymize import BLENDING, Request, anonymize

    request = Request(
        keep=spec.keep,
        only=spec.only,
        on_failure=spec.on_failure,
        voice=spec.voice,
        options=spec.options,
        blending=spec.blending or BLENDING,
    )
    saving = spec.saving(work)
    if spec.drop_sound:
        silent = spec.encoding.model_copy(update={"audio": "none"})
        saving = replace(saving, encoding=silent)
    made = anonymize(
        spec.target,
        spec.out,
        request,
        saving,
        progress=work.progress,
        tell=work.tell,
    )
    return work.told(made)
