"""A photo in every style, or with every effect, on one sealed sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from masquerade.jobs.asked import Prose, Work
from masquerade.options import Options

summary: Final = "a sealed sheet of a photo in every style, or with every effect"
gives: Final = "media"


class Spec(Options):
    """Of which photo, and where the sheet goes."""

    target: Path
    """The photo."""
    out: Path
    """The sheet, a picture."""
    of: Literal["styles", "effects"] = "styles"
    """What is shown."""
    consents: tuple[Path, ...] = Field((), max_length=64)
    """For effects: the consent record of the person in the photo."""
    purpose: Annotated[str, Prose()] = Field("", max_length=400)
    """What it is for; may be left out where the record names just one purpose."""
    label: str = Field("eu", max_length=40)
    """Preset of the label."""
    label_language: str = Field("en", max_length=8)
    """Code of the language of the label."""
    overwrite: bool = False
    """Replace the sheet if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves the sheet."""
    from masquerade.pipelines.gallery import gallery
    from masquerade.provenance.label import Label

    saved = gallery(
        spec.target,
        spec.out,
        of=spec.of,
        consents=spec.consents,
        purpose=spec.purpose,
        label=Label(spec.label, spec.label_language),
        overwrite=spec.overwrite or work.again,
        progress=work.progress,
    )
    work.tell_all(saved.lines())
    return {"out": str(spec.out), "seal": saved.as_json()}
