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

from masquerade.faces.readers import FaceReader
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.train.checkpoint import Progress
from masquerade.train.course import begun
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Faces
from masquerade.train.outcome import Trained
from masquerade.train.run import Say, Tell
from masquerade.train.schedule import PHASES
from masquerade.train.swap.file import Product
from masquerade.train.swap.job import Job
from masquerade.train.swap.people import Person, check_purpose, open_person
from masquerade.train.swap.start import Start, start_of
from masquerade.train.swap.work import Setup, SwapTrial, SwapWork


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
    with begun(job, job.options, progress=progress, tell=tell) as course:
        reader = FaceReader.open()
        people = (
            open_person(job.source, "source", reader, tell=course.tell),
            open_person(job.target, "target", reader, tell=course.tell),
        )
        check_purpose(*people)
        said: list[str] = []
        start = start_of(job.start, job.shape, job.options.preset, tell=said.append)
        start.check_purpose(people[0].faces.header.purpose)
        fresh = Progress(run=_name(job, people, start), consents=_consents(people, start))
        found = course.latest(fresh.run)
        faces = _faces(job, people, progress)
        wanted, team = job.chosen().perceptual > 0, course.team
        features = ImageFeatures.open(team.device, progress=progress) if wanted else None
        trial = SwapTrial(job.shape, job.chosen(), team, features)
        cost = course.cost(found, trial, batch=job.preset.batch * team.size, phases=PHASES)
        if cost is None:
            return course.stopped(found)
        what = f"{job.options.preset}: {_size(job.shape)}"
        course.announce(found, cost, what, "faces of each person")
        for words in () if found else said:
            course.tell(words)
        setup = Setup(job, team, people, faces, start, cost, reader, features)
        return course.through(found, SwapWork(setup, tell=course.tell), cost, fresh)


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


def _size(shape: SwapShape) -> str:
    return f"{shape.side} px" + (f" drawn at {shape.drawn} px" if shape.finer > 1 else "")


def _name(job: Job, people: tuple[Person, Person], start: Start) -> str:
    """Hash of all that decides the weights of a training, but batch and precision."""
    faces = [person.sha256 for person in people]
    return job.chosen().run_of(job.shape.model_dump(), faces, start.sha256)


def _consents(people: tuple[Person, Person], start: Start) -> tuple[str, ...]:
    records = (*(person.record for person in people), *start.records)
    return tuple(dict.fromkeys(record.id for record in records))
