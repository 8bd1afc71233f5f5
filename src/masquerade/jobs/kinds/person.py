"""What a consenting person's face and ways of moving are like, to compare videos with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from masquerade.jobs.asked import Prose, Work
from masquerade.options import Options

summary: Final = "a consenting person, enrolled from their footage, to compare videos with"
gives: Final = "biometric"


class Spec(Options):
    """Who it is, and where it goes."""

    name: Annotated[str, Prose()] = Field(min_length=1, max_length=200)
    """What the person is called in reports."""
    inputs: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Their own footage; each file is one occasion."""
    out: Path
    """The person; ends in .person."""
    consents: tuple[Path, ...] = Field((), max_length=1)
    """Their consent record, for the purpose examination; the file carries it."""
    overwrite: bool = False
    """Replace the person if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Enrols the person."""
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.examine.enrol_person import enrol

    made = enrol(
        spec.name,
        spec.inputs,
        spec.out,
        next(iter(spec.consents), None),
        FaceReader.open(progress=work.progress),
        overwrite=spec.overwrite or work.again,
        tell=work.progress,
    )
    work.tell_all(made.lines())
    return made.known.as_json() | {"out": str(spec.out), "notes": list(made.notes)}
