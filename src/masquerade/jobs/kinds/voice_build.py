"""A voice of one person as a file, built from recordings under their consent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import Modelled

summary: Final = "a voice of one person as a file, built from recordings"
gives: Final = "biometric"


class Spec(Modelled):
    """Whose; `out` ends in .mvoice."""

    inputs: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Recordings, or videos with sound."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Builds the voice."""
    from masquerade.pipelines.voice.build import make_voice

    built = make_voice(
        spec.inputs,
        spec.out,
        spec.consents,
        overwrite=spec.overwrite or work.again,
        progress=work.progress,
    )
    work.tell_all(built.lines())
    return built.as_json()
