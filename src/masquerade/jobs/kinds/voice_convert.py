"""A recording said again in the voice of somebody who consents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from masquerade.generate.voice_convert import Options
from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Consented

summary: Final = "a recording said again in a consented voice"
gives: Final = "media"


class Spec(Consented):
    """What is said, and by whom."""

    target: Path
    """A recording, or a video whose sound is used."""
    voice: Path
    """The voice, as built by voice_build."""
    options: Options = Options()
    """Options of the method."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Converts, seals and saves it."""
    from masquerade.pipelines.voice.convert import convert_voice

    made = convert_voice(
        spec.target,
        spec.voice,
        spec.out,
        consents=spec.consents,
        purpose=spec.purpose,
        options=spec.options,
        saving=spec.saving(work),
        progress=work.progress,
    )
    return work.told(made)
