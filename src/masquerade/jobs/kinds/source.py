"""A model of one person's looks, built from their pictures under their consent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.options import Options

summary: Final = "a model of a person's looks, for swaps, built from their pictures"
gives: Final = "biometric"


class Spec(Options):
    """Of whom, and where it goes."""

    inputs: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Videos or photos of one person."""
    out: Path
    """The model; ends in .mface."""
    consents: tuple[Path, ...] = Field((), max_length=8)
    """The person's consent record; the model carries it."""
    overwrite: bool = False
    """Replace the model if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Builds the model."""
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.build_source import build_source

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
