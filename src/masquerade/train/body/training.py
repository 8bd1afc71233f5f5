"""Training a renderer of one person's body, from moments of a video to a model file.

::

    moments -> each drawn by puppets of others -> last checkpoint; else what it will take
    -> for each iteration: drawn anew by the network -> one step down the loss
       now and then: checked on moments never trained on, preview, curves, checkpoint
    -> model file, under the consent of whoever is seen

Stopped at any moment, the same command goes on from the last checkpoint, to the same numbers as if
it had never stopped. Whatever goes wrong, what was saved before stays.
"""

from __future__ import annotations

from masquerade.models.trained.body import SUFFIX
from masquerade.train.body.file import BodyProduct
from masquerade.train.body.job import BodyJob
from masquerade.train.body.material import Material
from masquerade.train.body.work import PHASES, BodyTrial, BodyWork
from masquerade.train.checkpoint import Progress
from masquerade.train.course import begun
from masquerade.train.outcome import Trained, check_model_out
from masquerade.train.run import Say, Tell


def train_body(job: BodyJob, *, progress: Say, tell: Tell) -> Trained[BodyProduct]:
    """A model that draws a person's body better than their pictures alone do.

    Args:
        job: What is asked for.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.

    Raises:
        UsageError: The request makes no sense, or does not fit into memory.
        InputError: There are too few moments, or a checkpoint cannot be used.
        ConsentError: The consent record does not hold.
        OutputError: Something cannot be written; what was before is as it was.
        MasqueradeError: The numbers of the training are none again and again.
    """
    check_model_out(job.out, job.folder, overwrite=job.overwrite, suffix=SUFFIX)
    with begun(job, job.options, progress=progress, tell=tell) as course:
        found = course.latest(job.run)
        side, seed = job.shape.side, job.options.seed
        material = Material.of(job.moments, side, seed=seed, progress=progress)
        trial = BodyTrial(job.shape, job.options, course.team, material)
        cost = course.cost(found, trial, batch=job.preset.batch, phases=PHASES)
        if cost is None:
            return course.stopped(found)
        what = f"{job.options.preset}: {side} px; {len(job.moments)} moments"
        course.announce(found, cost, what, "pairs of moments")
        work = BodyWork(job, course.team, material, cost, tell=course.tell)
        fresh = Progress(run=job.run, consents=(job.record.id,))
        return course.through(found, work, cost, fresh)
