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

import torch

from masquerade.models.trained_body import SUFFIX
from masquerade.train.beginning import alone_in, check_room, checkpoint_of, span, tell_stopped
from masquerade.train.body_file import BodyProduct
from masquerade.train.body_job import BodyJob
from masquerade.train.body_material import Material
from masquerade.train.body_work import PHASES, BodyTrial, BodyWork
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Cost
from masquerade.train.estimate import tried
from masquerade.train.job import Trained, check_model_out
from masquerade.train.run import Plan, Run, Say, Tell
from masquerade.train.stopping import stopping
from masquerade.train.team import gathered


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
    with gathered(job.options.device) as team, stopping() as stop, alone_in(job.folder, team):
        if job.options.threads:
            torch.set_num_threads(job.options.threads)
        found = checkpoint_of(job, job.run, job.options, team=team, tell=tell)
        side, seed = job.shape.side, job.options.seed
        material = Material.of(job.moments, side, seed=seed, progress=progress)
        cost = found.progress.cost if found else None
        cost = cost or tried(
            BodyTrial(job.shape, job.options, team, material),
            job.options,
            batch=job.preset.batch,
            team=team,
            progress=progress,
            stopped=stop.is_set,
            phases=PHASES,
        )
        if cost is None:
            return _stopped_early(found, tell)
        _announce(job, cost, found, tell)
        fresh = Progress(run=job.run, consents=(job.record.id,), cost=cost)
        work = BodyWork(job, team, material, cost, tell=tell)
        plan = Plan(job.folder, job.iterations, job.options, team, cost)
        done = found.progress if found else fresh
        run = Run(plan, work, done, progress=progress, tell=tell, stop=stop)
        return run.through(found) or _stopped_early(found, tell)


def _stopped_early(found: Checkpoint | None, tell: Tell) -> Trained[BodyProduct]:
    """Of a training that was stopped before an iteration was through."""
    step, rollbacks = (found.progress.step, found.progress.rollbacks) if found else (0, 0)
    tell_stopped(step, tell)
    return Trained(None, step, rollbacks, 0.0, None, stopped=True)


def _announce(job: BodyJob, cost: Cost, found: Checkpoint | None, tell: Tell) -> None:
    """What it will take.

    Raises:
        OutputError: There is no room for its checkpoints.
    """
    step = found.progress.step if found else 0
    left = max(0, job.iterations - step)
    begun = f"goes on from iteration {step}: " if found else ""
    tell(
        f"{begun}{job.options.preset}, {job.shape.side} px, {cost.weights / 1e6:.2f} million"
        f" weights; {len(job.moments)} moments; {cost.batch} pairs of them an iteration on"
        f" {cost.device} ({cost.precision}): {cost.iteration_s:.2f} s and {cost.memory_mb:.0f} MB;"
        f" {left} iterations{' more' if found else ''} in about {span(left * cost.iteration_s)};"
        f" checkpoints of {cost.checkpoint_mb:.0f} MB in {job.folder}"
    )
    check_room(job.folder, job.out, cost, job.options.keep)
