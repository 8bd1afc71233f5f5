"""How a training begins or goes on: the checkpoint it goes on from, and what it will take."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from masquerade.errors import OutputError, UsageError
from masquerade.models.lock import locked
from masquerade.train import checkpoint as checkpoints
from masquerade.train.checkpoint import Checkpoint
from masquerade.train.cost import Cost
from masquerade.train.options import Learning
from masquerade.train.outcome import check_new
from masquerade.train.run import Tell
from masquerade.train.team import Team

_LOCK: Final = ".lock"


class Asked(Protocol):
    """What every training that is asked for says of its files."""

    @property
    def out(self) -> Path:
        """The model file."""
        ...

    @property
    def folder(self) -> Path:
        """Of its checkpoints."""
        ...

    @property
    def iterations(self) -> int:
        """How many in all."""
        ...

    @property
    def anew(self) -> bool:
        """Whether to begin again where checkpoints are there."""
        ...

    @property
    def overwrite(self) -> bool:
        """Whether to replace `out` if it exists."""
        ...


@contextmanager
def alone_in(folder: Path, team: Team) -> Iterator[None]:
    """A block in which no other training writes to the folder of this one.

    Args:
        folder: Of the training; made where it is not there.
        team: Its processes, of which the one that leads writes.

    Raises:
        UsageError: Another one does.
        OutputError: The folder cannot be written to.
    """
    with ExitStack() as held:
        try:
            if team.leads:
                folder.mkdir(exist_ok=True)
                held.enter_context(locked(folder / _LOCK, wait=False))
        except BlockingIOError as error:
            raise UsageError(
                f"another training writes to {folder}",
                "one at a time",
                "wait until it is through, or give another name after -o",
            ) from error
        except OSError as error:
            raise OutputError(f"{folder} cannot be written to ({error.strerror})") from error
        try:
            yield
        finally:
            if team.leads:
                _tidy(folder)


def _tidy(folder: Path) -> None:
    """Takes the folder of a training away again that was refused before it wrote anything."""
    with suppress(OSError):
        if [one.name for one in folder.iterdir()] == [_LOCK]:
            (folder / _LOCK).unlink()
            folder.rmdir()


def checkpoint_of(
    job: Asked, run: str, options: Learning, *, team: Team, tell: Tell
) -> Checkpoint | None:
    """The checkpoint that is gone on with; None where there is none.

    Args:
        job: What is asked for; with `anew`, checkpoints that are there are taken away.
        run: What it must be a checkpoint of.
        options: How it is trained.
        team: The processes.
        tell: Told of damaged ones.

    Raises:
        UsageError: It is of another training; or none is of this one, and a model is there that is
            not to be replaced.
        InputError: There are some, and none can be relied on.
    """
    folder = job.folder
    if job.anew and team.leads:
        checkpoints.remove_all(folder)
    team.agreed(False)  # nobody looks before that is done
    found = checkpoints.latest(folder, run=run, tell=tell)
    check_new(job.out, overwrite=job.overwrite or job.anew or found is not None)
    cost = found.progress.cost if found else None
    if cost is None:
        return found
    wanted = options.batch or cost.batch, options.precision
    if wanted[0] != cost.batch or wanted[1] not in ("auto", cost.precision):
        raise UsageError(
            f"{folder} holds a training with other options: a batch of {cost.batch}"
            f" in {cost.precision}",
            "the same --batch and --precision, or neither, to go on with it",
            "give another name after -o, or --anew to begin again",
        )
    return found


def check_room(folder: Path, out: Path, cost: Cost, keep: int) -> None:
    """Passes when the disk has room for the checkpoints of a training.

    Args:
        folder: Where they go.
        out: The model, beside them.
        cost: What they take.
        keep: How many are kept.

    Raises:
        OutputError: It has not.
    """
    needed = (keep + 1) * cost.checkpoint_mb * 1e6
    place = out.absolute().parent
    free = shutil.disk_usage(place).free + checkpoints.size_bytes(folder)
    if free < needed:
        raise OutputError(
            f"{free / 1e6:.0f} MB are free on the disk of {place}",
            f"{needed / 1e6:.0f} MB for checkpoints",
            "free some space, keep fewer with --keep, or choose a smaller --preset",
        )


def span(seconds: float) -> str:
    """A time in words.

    Example:
        >>> span(90), span(600), span(7200)
        ('90 s', '10 min', '2.0 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
