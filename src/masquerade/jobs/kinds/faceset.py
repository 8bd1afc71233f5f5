"""Faces of one person in one file, to train on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import Learned
from masquerade.train.collect.limits import METHOD, Collecting, Limits

summary: Final = "faces of one person in one file, to train on"
gives: Final = "biometric"


class Spec(Learned):
    """Of whom, and what a picture must be like."""

    inputs: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Videos and photos."""
    method: str = Field(METHOD, max_length=80)
    """Which method it is to train."""
    photos: tuple[Path, ...] = Field((), max_length=64)
    """Further photos of the person to compare with."""
    limits: Limits = Limits()
    """What a picture must be like."""
    how: Collecting = Collecting()
    """How faces are read and kept."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Builds the faceset."""
    from masquerade.train.collect.build import Request, build
    from masquerade.train.collect.consent import one_record

    request = Request(
        paths=spec.inputs,
        out=spec.out,
        record=one_record(spec.consents),
        purpose=spec.purpose,
        method=spec.method,
        photos=spec.photos,
        limits=spec.limits,
        how=spec.how,
        overwrite=spec.overwrite or work.again,
    )
    built = build(request, progress=work.progress)
    work.tell_all(built.lines())
    return built.as_json()
