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

import torch

from masquerade.faces.mouth_shape import MouthSpace
from masquerade.train.beginning import alone_in, check_room, checkpoint_of, span, tell_stopped
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Cost
from masquerade.train.estimate import tried
from masquerade.train.job import Trained, check_model_out
from masquerade.train.lips_file import LipsProduct
from masquerade.train.lips_job import LipsJob
from masquerade.train.lips_material import Material
from masquerade.train.lips_work import PHASES, LipsTrial, LipsWork
from masquerade.train.run import Plan, Run, Say, Tell
from masquerade.train.stopping import stopping
from masquerade.train.team import gathered


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
    options = job.options
    with gathered(options.device) as team, stopping() as stop, alone_in(job.folder, team):
        if options.threads:
            torch.set_num_threads(options.threads)
        found = checkpoint_of(job, job.run, options, team=team, tell=tell)
        progress("drawing each half of the footage from the other", 0, None)
        space = MouthSpace.of([one.skull for one in job.sights])
        material = Material.of(job.sights, space, unsure=options.unsure, seed=options.seed)
        cost = found.progress.cost if found else None
        cost = cost or tried(
            LipsTrial(options, team, material),
            options,
            batch=options.batch,
            team=team,
            progress=progress,
            stopped=stop.is_set,
            phases=PHASES,
        )
        if cost is None:
            tell_stopped(0, tell)
            return Trained(None, 0, 0, 0.0, None, stopped=True)
        _announce(job, cost, material, found, tell)
        work = LipsWork(job, team, material, space, cost, tell=tell)
        plan = Plan(job.folder, options.iterations, options, team, cost)
        fresh = Progress(run=job.run, consents=(job.record.id,), cost=cost)
        done = found.progress if found else fresh
        run = Run(plan, work, done, progress=progress, tell=tell, stop=stop)
        ended = run.through(found)
    if ended is None:
        tell_stopped(done.step, tell)
        return Trained(None, done.step, done.rollbacks, 0.0, None, stopped=True)
    return ended


def _announce(
    job: LipsJob, cost: Cost, material: Material, found: Checkpoint | None, tell: Tell
) -> None:
    """What it will take.

    Raises:
        OutputError: There is no room for its checkpoints.
    """
    step = found.progress.step if found else 0
    left = max(0, job.options.iterations - step)
    begun = f"goes on from iteration {step}: " if found else ""
    tell(
        f"{begun}{len(material.taught)} frames of the mouth, and {len(material.checked)} to check"
        f" it; {cost.weights / 1e6:.1f} million weights; {cost.batch} frames an iteration"
        f" ({cost.precision}): {cost.iteration_s:.2f} s; {left} iterations in about"
        f" {span(left * cost.iteration_s)}"
    )
    check_room(job.folder, job.out, cost, job.options.keep)
