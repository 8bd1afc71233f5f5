"""Training one person's mouth, from their footage to a model file.

::

    frames of the mouth -> each half drawn from the other half's -> last checkpoint, if there is one
    -> for each iteration: drawn anew by the network -> one step down the loss
       now and then: checked on frames never trained on, preview, curves, checkpoint
    -> model file, under the consent of whoever is seen

Stopped at any moment, the same command goes on from the last checkpoint, to the same numbers as if
it had never stopped. Whatever goes wrong, what was saved before stays.
"""

from __future__ import annotations

from masquerade.faces.mouth.shape import MouthSpace
from masquerade.train.checkpoint import Progress
from masquerade.train.course import begun
from masquerade.train.lips.file import LipsProduct
from masquerade.train.lips.job import LipsJob
from masquerade.train.lips.material import Material
from masquerade.train.lips.work import PHASES, LipsTrial, LipsWork
from masquerade.train.outcome import Trained, check_model_out
from masquerade.train.run import Say, Tell


def train_lips(job: LipsJob, *, progress: Say, tell: Tell) -> Trained[LipsProduct]:
    """A model that draws a person's mouth.

    Args:
        job: What is asked for.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.

    Raises:
        UsageError: The request makes no sense, or does not fit into memory.
        InputError: There are too few frames, or a checkpoint cannot be used.
        ConsentError: The consent record does not hold.
        OutputError: Something cannot be written; what was before is as it was.
        MasqueradeError: The numbers of the training are none again and again.
    """
    check_model_out(job.out, job.folder, overwrite=job.overwrite)
    with begun(job, job.options, progress=progress, tell=tell) as course:
        found, options = course.latest(job.run), job.options
        progress("drawing each half of the footage from the other", 0, None)
        space = MouthSpace.of([one.skull for one in job.sights])
        material = Material.of(job.sights, space, unsure=options.unsure, seed=options.seed)
        trial = LipsTrial(options, course.team, material)
        cost = course.cost(found, trial, batch=options.batch, phases=PHASES)
        if cost is None:
            return course.stopped(found)
        taught, checked = len(material.taught), len(material.checked)
        what = f"{taught} frames of the mouth, and {checked} to check it"
        course.announce(found, cost, what, "frames")
        work = LipsWork(job, course.team, material, space, cost, tell=course.tell)
        fresh = Progress(run=job.run, consents=(job.record.id,))
        return course.through(found, work, cost, fresh)
