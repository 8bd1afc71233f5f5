"""A network that mends how one whole person is drawn, learned from a video of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import Learned, told_of
from masquerade.telling import Progress, Tell
from masquerade.train.body.options import BodyTrainOptions

if TYPE_CHECKING:
    from masquerade.train.body.file import BodyProduct
    from masquerade.train.outcome import Trained

summary: Final = "a network that mends how a whole person is drawn, for bodies"
gives: Final = "biometric"


class Spec(Learned):
    """Of whom, and how; `out` ends in .mbody."""

    video: Path
    """The person, from head to foot, moving."""
    options: BodyTrainOptions = BodyTrainOptions()
    """How it is trained."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Trains, from the last checkpoint on where there is one."""
    trained = learned(spec.as_of(work), progress=work.progress, tell=work.tell)
    product = trained.product
    return told_of(trained, dssim=list(product.found) if product else None)


def learned(
    spec: Spec,
    *,
    anew: bool = False,
    progress: Progress,
    tell: Tell,
) -> Trained[BodyProduct]:
    """What came of the training.

    Args:
        spec: Of whom, and how.
        anew: Begin again, whatever was trained.
        progress: Told (stage, done, total or None).
        tell: Told, in sentences, what the user should know.

    Raises:
        MasqueradeError: As `masquerade.train.body.training.train_body` does.
    """
    from masquerade.train.installed import check_installed

    check_installed()
    from masquerade.models.trained.body import SUFFIX
    from masquerade.pipelines.body.lesson import body_lesson
    from masquerade.provenance.consent.revocation import CHECKPOINTS
    from masquerade.train.body.job import BodyJob
    from masquerade.train.body.training import train_body
    from masquerade.train.outcome import check_model_out

    checkpoints = spec.out.with_suffix(CHECKPOINTS)
    check_model_out(spec.out, checkpoints, overwrite=spec.overwrite, suffix=SUFFIX)
    lesson = body_lesson(
        spec.video, spec.consents, purpose=spec.purpose, progress=progress, tell=tell
    )
    job = BodyJob(
        out=spec.out,
        moments=lesson.moments,
        source=lesson.source,
        identity=lesson.identity,
        record=lesson.record,
        purpose=lesson.purpose,
        options=spec.options,
        anew=anew,
        overwrite=spec.overwrite,
    )
    return train_body(job, progress=progress, tell=tell)
