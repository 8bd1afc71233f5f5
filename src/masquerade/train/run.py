"""A training on its way: iterations, checks, previews, checkpoints, and the model in the end.

What is learned, and of whom, is the matter of a `Work`: of a swap's, or of another method's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from torch import Tensor

from masquerade.errors import MasqueradeError, OutputError
from masquerade.train import checkpoint as checkpoints
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.contest import Losses
from masquerade.train.cost import Cost
from masquerade.train.history import Entry, Row, open_tensorboard, read_history, write_history
from masquerade.train.options import Learning
from masquerade.train.outcome import Trained
from masquerade.train.schedule import Phase, phase_at
from masquerade.train.team import Team

Say = Callable[[str, int, int | None], None]
Tell = Callable[[str], None]
P = TypeVar("P")
P_co = TypeVar("P_co", covariant=True)
B = TypeVar("B")
B_co = TypeVar("B_co", covariant=True)
B_contra = TypeVar("B_contra", contravariant=True)

_MOST_ROLLBACKS: Final = 8
_SAVE_S: Final = 300.0  # about so often, where nothing is said


class Batches(Protocol[B_co]):
    """Gives what is learned from, iteration by iteration."""

    seed: int
    waited_s: float

    def batches(self, first: int) -> Iterator[B_co]:
        """Batches from an iteration on, without end."""
        ...

    def close(self) -> None:
        """Nothing more is wanted."""
        ...


class Trainer(Protocol[B_contra]):
    """A network and what trains it."""

    def learn(self, batch: B_contra, phase: Phase, *, seed: int) -> Losses | None:
        """One iteration; None, with nothing changed, where its numbers are none."""
        ...

    def slow_down(self) -> None:
        """Shorter steps from now on."""
        ...

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint holds."""
        ...

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a checkpoint."""
        ...


class Work(Protocol[P_co, B]):
    """What is learned, and of whom."""

    @property
    def trainer(self) -> Trainer[B]:
        """What is trained."""
        ...

    @property
    def phases(self) -> Sequence[Phase]:
        """Its schedule."""
        ...

    def loader(self, seed: int) -> Batches[B]:
        """Gives its pictures."""
        ...

    def begin(self) -> None:
        """Weights to begin with, where they are not those of chance."""
        ...

    def check(self) -> tuple[float, float]:
        """DSSIM of what was never trained on: of the source, and of the target or NaN."""
        ...

    def preview(self, step: int) -> None:
        """Writes a sheet of what the network makes now."""
        ...

    def product(self, step: int, metrics: Mapping[str, float]) -> P_co:
        """Writes the model."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How a training goes on.

    Attributes:
        folder: Of its checkpoints, curves and previews.
        iterations: In all.
        options: How it is trained.
        team: The processes.
        cost: What an iteration takes here.
    """

    folder: Path
    iterations: int
    options: Learning
    team: Team
    cost: Cost


class Run(Generic[P, B]):
    """A training on its way; see `masquerade.train.swap.training.train`.

    Args:
        plan: How it goes on.
        work: What is learned.
        done: How far it is.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.
        stop: Set when it is to end.
    """

    def __init__(
        self,
        plan: Plan,
        work: Work[P, B],
        done: Progress,
        *,
        progress: Say,
        tell: Tell,
        stop: threading.Event,
    ) -> None:
        self.plan, self.work, self.team, self.done = plan, work, plan.team, done
        self.progress, self.tell, self.stop = progress, tell, stop
        self.options, self.trainer = plan.options, work.trainer
        self.history: list[Entry] = []
        self.began = time.monotonic()

    def through(self, found: Checkpoint | None) -> Trained[P] | None:
        """The whole way, from a checkpoint or the beginning; None: stopped before anything."""
        loader = self.work.loader(self._seed())
        try:
            self._begin(found)
            self._iterate(loader)
        finally:
            loader.close()
        if not self.done.step:
            return None
        product = self._finished() if self.team.leads else None
        last = self.history[-1] if self.history else None
        stopped = self.done.step < self.plan.iterations
        stalled = last.stalled if last else 0.0
        return Trained(product, self.done.step, self.done.rollbacks, stalled, last, stopped)

    def _begin(self, found: Checkpoint | None) -> None:
        if found is None:
            self.work.begin()
            self.save()  # so that there is something to go back to
        else:
            self.trainer.load(found.tensors)
            self.history = read_history(self.plan.folder, until=self.done.step)
        self.team.agreed(False)  # nobody is ahead of the one who saves

    def _iterate(self, loader: Batches[B]) -> None:
        total = self.plan.iterations
        batches = loader.batches(self.done.step)
        every = self.options.save_every or max(1, round(_SAVE_S / self.plan.cost.iteration_s))
        looks = self.options.preview_every or every
        row = Row(time.monotonic(), loader.waited_s)
        while self.done.step < total and not self.team.agreed(self.stop.is_set()):
            step = self.done.step
            seed = hash((self.options.seed, step, self.done.rollbacks)) & 0x7FFFFFFF
            phase = phase_at(step, total, self.work.phases)
            losses = self.trainer.learn(next(batches), phase, seed=seed)
            if losses is None:
                self._roll_back()
                loader.seed = self._seed()
                batches = loader.batches(self.done.step)
                row = Row(time.monotonic(), loader.waited_s)
                continue
            self.done = self.done.model_copy(update={"step": step + 1})
            row.losses.append(losses)
            self.progress("training", step + 1, total)
            looked_at = (step + 1) % looks == 0
            if row.is_due or looked_at:
                self._write_row(row, loader, check=looked_at)
                row = Row(time.monotonic(), loader.waited_s)
            if (step + 1) % every == 0:
                self.save()
            if looked_at and self.team.leads:
                self.work.preview(self.done.step)
        if row.losses:  # ended or stopped: how good it is now
            self._write_row(row, loader, check=True)
        self.save()

    def save(self) -> None:
        """A checkpoint of the training as it is now."""
        if not self.team.leads:
            return
        self.done = self.done.model_copy(update={"seconds": self._spent()})
        self.began = time.monotonic()
        state = Checkpoint(self.trainer.tensors(), self.done)
        checkpoints.write(self.plan.folder, state, keep=self.options.keep)

    def _roll_back(self) -> None:
        """To the last checkpoint, with shorter steps and other pictures."""
        count = self.done.rollbacks + 1
        if count > _MOST_ROLLBACKS:
            raise MasqueradeError(
                f"the numbers of the training were none for the {count}th time",
                "losses that can be followed",
                "go on with a smaller --rate, or --precision fp32",
            )
        found = checkpoints.latest(self.plan.folder, run=self.done.run, tell=self.tell)
        if found is None:
            raise OutputError(f"the checkpoints in {self.plan.folder} are gone", "the last one")
        self.trainer.load(found.tensors)
        for _ in range(count - found.progress.rollbacks):
            self.trainer.slow_down()
        self.done = found.progress.model_copy(update={"rollbacks": count})
        self.history = [one for one in self.history if one.step <= self.done.step]
        self.tell(
            f"numbers that are none; back to iteration {self.done.step}, with steps half as long"
        )

    def _seed(self) -> int:
        """Of the pictures; another one after numbers that were none, or they would come again."""
        return self.options.seed + 1_000_003 * self.done.rollbacks

    def _spent(self) -> float:
        """Seconds of this training so far, in all its parts."""
        return self.done.seconds + time.monotonic() - self.began

    def _write_row(self, row: Row, loader: Batches[B], *, check: bool) -> None:
        if not self.team.leads:
            return
        entry = row.ended(self.done.step, self._spent(), loader.waited_s)
        if check:
            found = self.work.check()
            entry = replace(entry, dssim_source=found[0], dssim_target=found[1])
        self.history.append(entry)
        write_history(
            self.plan.folder,
            self.history,
            iterations=self.plan.iterations,
            phases=self.work.phases,
        )
        if self.options.tensorboard:
            with open_tensorboard(self.plan.folder) as board:
                for name in ("source", "target", "critic", "dssim_source", "dssim_target"):
                    board.add_scalar(name, getattr(entry, name), entry.step)

    def _finished(self) -> P:
        self.progress("writing the model", 0, None)
        checked = [one for one in self.history if one.dssim_source == one.dssim_source]
        metrics = {}
        if checked:
            last = checked[-1]
            metrics = {"dssim_source": last.dssim_source, "dssim_target": last.dssim_target}
        return self.work.product(self.done.step, metrics)
