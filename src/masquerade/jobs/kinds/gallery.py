"""A photo in every style, or with every effect, on one sealed sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Sheet

summary: Final = "a sealed sheet of a photo in every style, or with every effect"
gives: Final = "media"


class Spec(Sheet):
    """Of which photo; for effects, under the consent of the person in it."""

    target: Path
    """The photo."""
    of: Literal["styles", "effects"] = "styles"
    """What is shown."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves the sheet."""
    from masquerade.pipelines.preview.gallery import gallery

    saved = gallery(spec.target, spec.out, of=spec.of, **spec.saved(work))
    work.tell_all(saved.lines())
    return {"out": str(spec.out), "seal": saved.as_json()}
