"""The voice of a persona, who does not exist, as a file that carries the persona's record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "the voice of a persona, who does not exist, as a file"
gives: Final = "biometric"


class Spec(Options):
    """Whose, and where it goes."""

    name: str = Field(min_length=1, max_length=40)
    """Of the persona, as `masquerade personas list` names those that have a voice."""
    out: Path
    """The voice; ends in .mvoice."""
    overwrite: bool = False
    """Replace the voice if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes the voice."""
    from masquerade.pipelines.voice.persona import make_persona_voice

    overwrite = spec.overwrite or work.again
    built = make_persona_voice(spec.name, spec.out, overwrite=overwrite, progress=work.progress)
    work.tell_all(built.lines())
    return built.as_json()
