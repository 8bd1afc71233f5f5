"""Training a swap, from two facesets to a model file.

::

    facesets -> consent of both -> last checkpoint, if there is one; else what it will take
    -> for each iteration: pictures changed -> drawn again -> one step down the loss
       now and then: checked on faces never trained on, preview, curves, checkpoint
    -> model file, under both consent records

Stopped at any moment, the same command goes on from the last checkpoint, to the same numbers as if
it had never stopped. Whatever goes wrong, what was saved before stays.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from typing import Final

import torch

from masquerade.faces.readers import FaceReader
from masquerade.models.swap_shape import SwapShape
from masquerade.telling import no_words
from masquerade.train.beginning import alone_in, check_room, checkpoint_of, span, tell_stopped
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Cost
from masquerade.train.estimate import estimate
from masquerade.train.image_features import ImageFeatures
from masquerade.train.job import Job, Trained
from masquerade.train.loader import Faces
from masquerade.train.people import Person, check_purpose, open_person
from masquerade.train.product import Product
from masquerade.train.run import Plan, Run, Say, Tell
from masquerade.train.start import Start, start_of
from masquerade.train.stopping import stopping
from masquerade.train.swap_work import Setup, SwapWork
from masquerade.train.team import Team, gathered

_FREE: Final = frozenset(
    {
        "iterations",
        "save_every",
        "keep",
        "preview_every",
        "tensorboard",
        "threads",
        "processes",
        "device",
        "batch",
        "precision",
    }
)
"""Options that may change on the way, or are held against the checkpoint one by one."""
_PACED: Final = 20  # iterations from which on the training itself says best how long one takes


def train(job: Job, *, progress: Say, tell: Tell) -> Trained[Product]:
    """A model that draws the source with the target's expression.

    Args:
        job: What is asked for.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.

    Raises:
        UsageError: The request makes no sense, or does not fit into memory.
        InputError: A faceset or a checkpoint cannot be used.
        ConsentError: A consent record does not hold.
        OutputError: Something cannot be written; what was before is as it was.
        MasqueradeError: The numbers of the training are none again and again.
    """
    job.check_out()
    with gathered(job.options.device) as team, stopping() as stop, alone_in(job.folder, team):
        tell = tell if team.leads else no_words
        if job.options.threads:
            torch.set_num_threads(job.options.threads)
        reader = FaceReader.open()
        people = (
            open_person(job.source, "source", reader, tell=tell),
            open_person(job.target, "target", reader, tell=tell),
        )
        check_purpose(*people)
        said: list[str] = []
        start = start_of(job.start, job.shape, job.options.preset, tell=said.append)
        start.check_purpose(people[0].faces.header.purpose)
        done = Progress(run=_name(job, people, start), consents=_consents(people, start))
        found = checkpoint_of(job, done.run, job.options, team=team, tell=tell)
        faces = _faces(job, people, progress)
        wanted = job.chosen().perceptual > 0
        features = ImageFeatures.open(team.device, progress=progress) if wanted else None
        cost = _cost(job, found, team, features, progress, tell, stop)
        if cost is None:
            return _stopped_early(found, tell)
        _announce(job, cost, found, team, tell)
        done = found.progress if found else done.model_copy(update={"cost": cost})
        for words in said if found is None else [f"goes on from iteration {done.step}"]:
            tell(words)
        setup = Setup(job, team, people, faces, start, cost, reader, features)
        plan = Plan(job.folder, job.iterations, job.chosen(), team, cost)
        work = SwapWork(setup, tell=tell)
        run = Run(plan, work, done, progress=progress, tell=tell, stop=stop)
        return run.through(found) or _stopped_early(found, tell)


def _faces(job: Job, people: tuple[Person, Person], progress: Say) -> tuple[Faces, Faces]:
    """The faces of both as the network takes them: what cannot be read is told before any work.

    Raises:
        InputError: One is damaged.
    """
    side, (source, target) = job.shape.drawn, people
    return (
        Faces.of(source.faces, job.source.name, side, progress=progress),
        Faces.of(target.faces, job.target.name, side, progress=progress),
    )


def _cost(
    job: Job,
    found: Checkpoint | None,
    team: Team,
    features: ImageFeatures | None,
    progress: Say,
    tell: Tell,
    stop: threading.Event,
) -> Cost | None:
    """What an iteration takes: as it did before the stop, or tried now; None: stopped on request.

    Whoever goes on on another device keeps the batch and precision that it began with.
    """
    options, cost = job.chosen(), found.progress.cost if found else None
    if found and cost:
        if (cost.device, cost.processes) == (team.device.type, team.size):
            step, seconds = found.progress.step, found.progress.seconds
            return replace(cost, iteration_s=seconds / step) if step >= _PACED else cost
        kept = {"batch": cost.batch, "precision": cost.precision}
        options = options.model_copy(update=kept)
    tell("tries a few iterations first, to choose what is fastest here and say how long it takes")
    return estimate(
        job.shape,
        options,
        batch=job.preset.batch * team.size,
        team=team,
        features=features,
        progress=progress,
        stopped=stop.is_set,
    )


def _stopped_early(found: Checkpoint | None, tell: Tell) -> Trained[Product]:
    """Of a training that was stopped before an iteration was through."""
    step, rollbacks = (found.progress.step, found.progress.rollbacks) if found else (0, 0)
    tell_stopped(step, tell)
    return Trained(None, step, rollbacks, 0.0, None, stopped=True)


def _announce(job: Job, cost: Cost, found: Checkpoint | None, team: Team, tell: Tell) -> None:
    """What it will take.

    Raises:
        OutputError: There is no room for its checkpoints.
    """
    if not team.leads:
        return
    left = max(0, job.iterations - (found.progress.step if found else 0))
    tell(
        f"{job.options.preset}: {_size(job.shape)}, {cost.weights / 1e6:.1f} million weights;"
        f" {cost.batch} faces of each person an iteration on {team.size} x {team.device}"
        f" ({cost.precision}): {cost.iteration_s:.2f} s and {cost.memory_mb:.0f} MB;"
        f" {left} iterations{' more' if found else ''} in about {span(left * cost.iteration_s)};"
        f" checkpoints of {cost.checkpoint_mb:.0f} MB in {job.folder}"
    )
    check_room(job.folder, job.out, cost, job.options.keep)


def _size(shape: SwapShape) -> str:
    return f"{shape.side} px" + (f" drawn at {shape.drawn} px" if shape.finer > 1 else "")


def _name(job: Job, people: tuple[Person, Person], start: Start) -> str:
    """Hash of all that decides the weights of a training, but batch and precision."""
    options = job.chosen().model_dump(mode="json", exclude=set(_FREE))
    faces = [person.sha256 for person in people]
    made = [options, job.shape.model_dump(), faces, start.sha256]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def _consents(people: tuple[Person, Person], start: Start) -> tuple[str, ...]:
    records = (*(person.record for person in people), *start.records)
    return tuple(dict.fromkeys(record.id for record in records))
