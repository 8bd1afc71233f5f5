"""A sheet of a few moments of a target, made several ways, to choose by eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds import make
from masquerade.options import Options
from masquerade.provenance.canonical import Json

summary: Final = "a sealed sheet of a few moments, made several ways, to choose by eye"
gives: Final = "media"


class Spec(make.Spec):
    """What is to be seen; `out` is a picture."""

    at: tuple[float, ...] = Field((), max_length=24)
    """Moments in seconds from the first picture; chosen evenly where none is named."""
    count: int = Field(4, ge=1, le=24)
    """How many moments, where none is named."""
    shots: bool = False
    """The middle of every shot instead."""
    compare: tuple[str, ...] = Field((), max_length=8)
    """Values of an option side by side, such as colour=none,rct."""


def options(spec: Spec) -> Options:
    """The method's own options."""
    return make.options(spec)


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves the sheet."""
    from fractions import Fraction

    from masquerade.pipelines.preview.moments import Which
    from masquerade.pipelines.preview.preview import Wish, preview
    from masquerade.pipelines.request import Request
    from masquerade.provenance.label import Label

    request = Request(
        method=spec.method,
        target=spec.target,
        sources=spec.sources,
        consents=spec.consents,
        people=spec.people,
        person=spec.person,
        purpose=spec.purpose,
        options=make.options(spec),
        blending=spec.blending,
        device=spec.device,
        settings=spec.settings,
    )
    at = tuple(Fraction(one).limit_denominator(1000) for one in spec.at)
    made = preview(
        request,
        Wish(Which(at, spec.shots, spec.count), spec.compare),
        out=spec.out,
        label=Label(spec.label, spec.label_language),
        progress=work.progress,
    )
    work.tell_all(made.notes)
    told: dict[str, Json] = {
        "moments": [{"time_s": one.time_s, "shot": one.shot} for one in made.moments],
        "alternatives": [one.words for one in made.alternatives],
        "notes": list(made.notes),
        "whole_file": None,
    }
    if made.drawn is not None and made.drawn.estimate is not None:
        estimate = made.drawn.estimate
        told["whole_file"] = {"frames": estimate.frames, "seconds": round(estimate.seconds, 1)}
    return {"out": str(spec.out), **told}
