"""A recording whose speaker is hard to recognise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from masquerade.generate.voice_disguise import Options
from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.making import Making

summary: Final = "a recording whose speaker is hard to recognise"
gives: Final = "media"


class Spec(Making):
    """Which recording, and how."""

    target: Path
    """A recording, or a video whose sound is used."""
    options: Options = Options()
    """Options of the method."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Disguises, seals and saves it."""
    from masquerade.pipelines.voice.disguise import disguise_voice

    made = disguise_voice(
        spec.target,
        spec.out,
        spec.options,
        spec.saving(work),
        progress=work.progress,
    )
    return work.told(made)
