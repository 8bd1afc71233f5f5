"""A network that puts one person's face in another's place, learned from two facesets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from masquerade.errors import UsageError
from masquerade.jobs.asked import Work
from masquerade.jobs.kinds.training import told_of
from masquerade.options import Options
from masquerade.train.swap.options import TrainOptions

summary: Final = "a network that swaps two people's faces, learned from two facesets"
gives: Final = "biometric"


class Spec(Options):
    """Of whom, and how."""

    source: Path
    """Faceset of whose face is shown in the end."""
    target: Path
    """Faceset of whose place it takes."""
    out: Path
    """The model; ends in .safetensors."""
    start: Path = Path("base")
    """What it begins with: base, none, or a trained model."""
    options: TrainOptions = TrainOptions()
    """How it is trained."""
    overwrite: bool = False
    """Replace the model if it exists."""


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Trains, from the last checkpoint on where there is one.

    Raises:
        UsageError: Several processes are asked for, which a job does not start.
    """
    from masquerade.train.installed import check_installed

    check_installed()
    if spec.options.processes > 1:
        raise UsageError(
            f"{spec.options.processes} processes in a job", "one", "use `masquerade train swap`"
        )
    from masquerade.train.swap.job import Job
    from masquerade.train.swap.training import train

    words: dict[str, Literal["base", "none"]] = {"base": "base", "none": "none"}
    job = Job(
        source=spec.source,
        target=spec.target,
        out=spec.out,
        start=words.get(str(spec.start), spec.start),
        options=spec.options,
        overwrite=spec.overwrite or work.again,
    )
    trained = train(job, progress=work.progress, tell=work.tell)
    return told_of(trained, distance=trained.product.distance if trained.product else None)
