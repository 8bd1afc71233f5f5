"""How a training begins or goes on: the checkpoint it goes on from, and what it will take."""

from __future__ import annotations

import shutil
from pathlib import Path

from masquerade.errors import OutputError, UsageError
from masquerade.train import checkpoint as checkpoints
from masquerade.train.checkpoint import Checkpoint
from masquerade.train.cost import Cost
from masquerade.train.options import Learning
from masquerade.train.run import Tell
from masquerade.train.team import Team


def checkpoint_of(
    folder: Path, run: str, options: Learning, *, anew: bool, team: Team, tell: Tell
) -> Checkpoint | None:
    """The checkpoint that is gone on with; None where there is none.

    Args:
        folder: Of the training.
        run: What it must be a checkpoint of.
        options: How it is trained.
        anew: Whether those that are there are taken away.
        team: The processes.
        tell: Told of damaged ones.

    Raises:
        UsageError: It is of another training.
        InputError: There are some, and none can be relied on.
    """
    if anew and team.leads:
        checkpoints.remove_all(folder)
    team.agreed(False)  # nobody looks before that is done
    found = checkpoints.latest(folder, run=run, tell=tell)
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


def tell_stopped(step: int, tell: Tell) -> None:
    """Says what is left of a training that was stopped before a further iteration.

    Args:
        step: Iterations that were through before.
        tell: Told.
    """
    if step:
        tell(f"stopped before a further iteration: what was learned in {step} is kept as it was")
    else:
        tell("stopped before an iteration was through: nothing was learned, no model is written")


def span(seconds: float) -> str:
    """A time in words.

    Example:
        >>> span(90), span(600), span(7200)
        ('90 s', '10 min', '2.0 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
