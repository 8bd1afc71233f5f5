"""A photo of somebody who says what a recording says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from masquerade.generate.portrait import Options
from masquerade.jobs.asked import Prose, Work
from masquerade.jobs.kinds.making import Consented

summary: Final = "a photo of somebody says what a recording says"
gives: Final = "media"


class Spec(Consented):
    """Who it is, and what they say."""

    target: Path
    """A photo of the person."""
    speech: Path | None = None
    """The recording that is heard."""
    text: Annotated[str, Prose()] = Field("", max_length=100_000)
    """In English, read aloud in place of a recording."""
    voice: Path | None = None
    """The voice that is heard, as built by voice_build; without one, the recording is."""
    person: str = Field("auto", max_length=200)
    """Who speaks, of several: auto, largest, left, centre, right, a number, or a photo."""
    language: Literal["en", "other"] = "en"
    """Of the recording."""
    options: Options = Options()
    """Options of the method."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves it."""
    from masquerade.pipelines.portrait.portrait import Request, portrait

    request = Request(
        speech=spec.speech,
        consents=spec.consents,
        person=spec.person,
        purpose=spec.purpose,
        language=spec.language,
        options=spec.options,
        text=spec.text,
        voice=spec.voice,
    )
    made = portrait(
        spec.target,
        spec.out,
        request,
        spec.saving(work),
        progress=work.progress,
        tell=work.tell,
    )
    return work.told(made)
