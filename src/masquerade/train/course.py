"""The course of a training, whatever it teaches: begun, tried, announced, carried through.

Who teaches something new brings what is learned (`masquerade.train.run.Work`) and how a few
iterations of it are tried (`masquerade.train.estimate.Trial`); the rest is the same for all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import torch

from masquerade.telling import no_words
from masquerade.train.beginning import Asked, alone_in, check_room, checkpoint_of, span
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Cost
from masquerade.train.estimate import Trial, tried
from masquerade.train.options import Learning
from masquerade.train.outcome import Trained
from masquerade.train.run import B, P, Plan, Run, Say, Tell, Work
from masquerade.train.schedule import Phase
from masquerade.train.stopping import stopping
from masquerade.train.team import Team, gathered

_PACED: Final = 20  # iterations from which on the training itself says best how long one takes


@dataclass(frozen=True, slots=True)
class Course:
    """A training that was begun: who works on it, who is told, and how it is stopped.

    Attributes:
        job: What is asked for.
        options: How it is trained.
        team: The processes.
        stop: Set when it is to end.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know; of one process only.
    """

    job: Asked
    options: Learning
    team: Team
    stop: threading.Event
    progress: Say
    tell: Tell

    def latest(self, run: str) -> Checkpoint | None:
        """The checkpoint that is gone on with; None where there is none.

        Args:
            run: Hash of what it must be a checkpoint of.

        Raises:
            UsageError: It is of another training, or a model is there that is not to be replaced.
            InputError: There are some, and none can be relied on.
        """
        return checkpoint_of(self.job, run, self.options, team=self.team, tell=self.tell)

    def cost(
        self,
        found: Checkpoint | None,
        trial: Trial[Any],
        *,
        batch: int,
        phases: Sequence[Phase],
    ) -> Cost | None:
        """What an iteration takes: as it did before the stop, or tried now; None: stopped.

        Whoever goes on on another device keeps the batch and precision that it began with.

        Args:
            found: The checkpoint that is gone on with.
            trial: Tries a few iterations.
            batch: That is wished for, of all processes together.
            phases: Of the schedule.

        Raises:
            UsageError: Not even the smallest batch fits into memory, or not the one that was named.
        """
        options, cost = self.options, found.progress.cost if found else None
        if found and cost:
            if (cost.device, cost.processes) == (self.team.device.type, self.team.size):
                step, seconds = found.progress.step, found.progress.seconds
                return replace(cost, iteration_s=seconds / step) if step >= _PACED else cost
            kept = {"batch": cost.batch, "precision": cost.precision}
            options = options.model_copy(update=kept)
        self.tell(
            "tries a few iterations first, to choose what is fastest here and say how long it takes"
        )
        return tried(
            trial,
            options,
            batch=batch,
            team=self.team,
            progress=self.progress,
            stopped=self.stop.is_set,
            phases=phases,
        )

    def announce(self, found: Checkpoint | None, cost: Cost, what: str, each: str) -> None:
        """Tells what it will take.

        Args:
            found: The checkpoint that is gone on with.
            cost: What an iteration takes.
            what: Is trained, and on what.
            each: What its batch is counted in.

        Raises:
            OutputError: There is no room for its checkpoints.
        """
        if not self.team.leads:
            return
        job, step = self.job, found.progress.step if found else 0
        left = max(0, job.iterations - step)
        if found:
            self.tell(f"goes on from iteration {step}")
        several = f"{cost.processes} x " if cost.processes > 1 else ""
        self.tell(
            f"{what}; {cost.weights / 1e6:.2f} million weights; {cost.batch} {each} an iteration"
            f" on {several}{cost.device} ({cost.precision}): {cost.iteration_s:.2f} s and"
            f" {cost.memory_mb:.0f} MB; {left} iterations{' more' if found else ''} in about"
            f" {span(left * cost.iteration_s)}; checkpoints of {cost.checkpoint_mb:.0f} MB in"
            f" {job.folder}"
        )
        check_room(job.folder, job.out, cost, self.options.keep)

    def through(
        self, found: Checkpoint | None, work: Work[P, B], cost: Cost, fresh: Progress
    ) -> Trained[P]:
        """The whole way, from a checkpoint or from the beginning.

        Args:
            found: The checkpoint that is gone on with.
            work: What is learned.
            cost: What an iteration takes.
            fresh: How far a training is that only begins.

        Raises:
            ConsentError: A consent record does not hold any more.
            OutputError: Something cannot be written; what was before is as it was.
            MasqueradeError: The numbers of the training are none again and again.
        """
        plan = Plan(self.job.folder, self.job.iterations, self.options, self.team, cost)
        done = found.progress if found else fresh.model_copy(update={"cost": cost})
        run = Run(plan, work, done, progress=self.progress, tell=self.tell, stop=self.stop)
        return run.through(found) or self.stopped(found)

    def stopped(self, found: Checkpoint | None) -> Trained[Any]:
        """Of a training that was stopped before a further iteration was through.

        Args:
            found: The checkpoint that was to be gone on with.
        """
        step, rollbacks = (found.progress.step, found.progress.rollbacks) if found else (0, 0)
        self.tell(
            f"stopped before a further iteration: what was learned in {step} is kept as it was"
            if step
            else "stopped before an iteration was through: nothing was learned, no model is written"
        )
        return Trained(None, step, rollbacks, 0.0, None, stopped=True)


@contextmanager
def begun(job: Asked, options: Learning, *, progress: Say, tell: Tell) -> Iterator[Course]:
    """A block in which one training alone writes to its folder, and Ctrl-C ends it in order.

    Args:
        job: What is asked for.
        options: How it is trained.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.

    Raises:
        UsageError: The device is not there, or another training writes to the folder.
        OutputError: The folder cannot be written to.
    """
    with gathered(options.device) as team, stopping() as stop, alone_in(job.folder, team):
        if options.threads:
            torch.set_num_threads(options.threads)
        yield Course(job, options, team, stop, progress, tell if team.leads else no_words)
