"""A picture of a face between several people's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Sheet

summary: Final = "a picture of a face between several people's"
gives: Final = "media"


class Spec(Sheet):
    """Between whom; `out` is a picture."""

    photos: tuple[Path, ...] = Field(min_length=2, max_length=64)
    """One person each, towards the camera; the first one's surroundings stay."""
    share: float | None = Field(None, gt=0, le=1)
    """How much the others count together; every photo alike where left out."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves it."""
    from masquerade.pipelines.morph import morph

    made = morph(spec.photos, spec.out, share=spec.share, **spec.saved(work))
    work.tell_all(made.lines(spec.photos))
    return {
        "out": str(spec.out),
        "identity": [round(apart, 3) for apart in made.apart],
        "seal": made.saved.as_json() if made.saved else None,
    }
