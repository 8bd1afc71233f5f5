"""A text in the voice of somebody who consents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from masquerade.generate.voice_speak import Options
from masquerade.jobs.asked import Prose, Work
from masquerade.jobs.kinds.making import Consented

summary: Final = "a text read aloud in a consented voice"
gives: Final = "media"


class Spec(Consented):
    """What is said, and by whom."""

    text: Annotated[str, Prose()] = Field(min_length=1, max_length=100_000)
    """In English."""
    voice: Path
    """The voice, as built by voice_build."""
    options: Options = Options()
    """Options of the method."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Reads, converts, seals and saves it."""
    from masquerade.pipelines.voice.speak import speak

    made = speak(
        spec.text,
        spec.voice,
        spec.out,
        consents=spec.consents,
        purpose=spec.purpose,
        options=spec.options,
        saving=spec.saving(work),
        progress=work.progress,
    )
    return work.told(made)
