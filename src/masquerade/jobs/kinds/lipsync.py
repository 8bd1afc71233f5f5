"""A video in which somebody says what a recording or a text says, in a voice or as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from masquerade.compose.blend import ComposeOptions
from masquerade.generate.lipsync import Options
from masquerade.jobs.asked import Prose, Work
from masquerade.jobs.kinds.making import Consented

summary: Final = "somebody in a video says what a recording says"
gives: Final = "media"


class Spec(Consented):
    """What they say, and who it is."""

    target: Path
    """A video of the person."""
    speech: Path | None = None
    """A recording of what is said."""
    text: Annotated[str, Prose()] = Field("", max_length=100_000)
    """In English, read aloud in place of a recording."""
    voice: Path | None = None
    """The voice that is heard, as built by voice_build; without one, the recording is."""
    footage: tuple[Path, ...] = Field((), max_length=32)
    """More footage of the same person talking."""
    model: Path | None = None
    """Their mouth, as `masquerade train lips` learned it; it carries their record."""
    speaker: str = Field("auto", max_length=200)
    """Who speaks: auto, largest, left, centre, right, a number, or a photo."""
    language: Literal["en", "other"] = "en"
    """Of the recording."""
    longer: Literal["stop", "hold", "loop"] = "stop"
    """What is seen where the recording is longer than the video."""
    options: Options = Options()
    """Options of the method."""
    blending: ComposeOptions = ComposeOptions()
    """How patches are put into frames."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves it."""
    from masquerade.pipelines.lips.lipsync import Request, lipsync

    request = Request(
        speech=spec.speech,
        consents=spec.consents,
        footage=spec.footage,
        speaker=spec.speaker,
        purpose=spec.purpose,
        language=spec.language,
        longer=spec.longer,
        options=spec.options,
        blending=spec.blending,
        text=spec.text,
        voice=spec.voice,
        model=spec.model,
    )
    made = lipsync(
        spec.target,
        spec.out,
        request,
        spec.saving(work),
        progress=work.progress,
        tell=work.tell,
    )
    return work.told(made)
