"""A network that draws one person's mouth, learned from footage of them talking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import Field

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import Learned, told_of
from masquerade.telling import Progress, Tell
from masquerade.train.lips.options import LipsOptions

if TYPE_CHECKING:
    from masquerade.train.lips.file import LipsProduct
    from masquerade.train.outcome import Trained

summary: Final = "a network that draws one person's mouth, for lip syncs"
gives: Final = "biometric"


class Spec(Learned):
    """Whose mouth, and how; `out` ends in .safetensors."""

    footage: tuple[Path, ...] = Field(min_length=1, max_length=256)
    """Videos of the person, talking; two minutes in all."""
    person: str = Field("auto", max_length=200)
    """Whose mouth: auto (the only one), largest, left, centre, right, a number, or a photo."""
    options: LipsOptions = LipsOptions()
    """How it is trained."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Trains, from the last checkpoint on where there is one."""
    trained = learned(spec.as_of(work), progress=work.progress, tell=work.tell)
    product = trained.product
    return told_of(trained, dssim=[product.drawn, product.given] if product else None)


def learned(
    spec: Spec,
    *,
    anew: bool = False,
    progress: Progress,
    tell: Tell,
) -> Trained[LipsProduct]:
    """What came of the training.

    Args:
        spec: Whose mouth, and how.
        anew: Begin again, whatever was trained.
        progress: Told (stage, done, total or None).
        tell: Told, in sentences, what the user should know.

    Raises:
        MasqueradeError: As `masquerade.train.lips.training.train_lips` does.
    """
    from masquerade.train.installed import check_installed

    check_installed()
    from masquerade.pipelines.lips.footage import lips_footage
    from masquerade.provenance.consent.revocation import CHECKPOINTS
    from masquerade.train.lips.job import LipsJob
    from masquerade.train.lips.training import train_lips
    from masquerade.train.outcome import check_model_out

    check_model_out(spec.out, spec.out.with_suffix(CHECKPOINTS), overwrite=spec.overwrite)
    shown = lips_footage(
        spec.footage,
        spec.consents,
        purpose=spec.purpose,
        person=spec.person,
        progress=progress,
    )
    job = LipsJob(
        out=spec.out,
        sights=shown.sights,
        inputs=shown.inputs,
        identity=shown.identity,
        record=shown.record,
        purpose=shown.purpose,
        photo=shown.photo,
        options=spec.options,
        anew=anew,
        overwrite=spec.overwrite,
    )
    return train_lips(job, progress=progress, tell=tell)
