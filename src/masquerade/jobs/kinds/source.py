"""A model of one person's looks, built from their pictures under their consent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import Modelled

summary: Final = "a model of a person's looks, for swaps, built from their pictures"
gives: Final = "biometric"


class Spec(Modelled):
    """Of whom; `out` ends in .mface."""

    inputs: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Videos or photos of one person."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Builds the model."""
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.source.build import build_source

    built = build_source(
        spec.inputs,
        spec.out,
        spec.consents,
        FaceReader.open(progress=work.progress),
        overwrite=spec.overwrite or work.again,
        progress=work.progress,
    )
    work.tell_all(built.lines())
    return built.as_json()
