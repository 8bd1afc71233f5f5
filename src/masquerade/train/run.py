"""A training on its way: iterations, checks, previews, checkpoints, and the model in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from masquerade.errors import MasqueradeError, OutputError
from masquerade.faces.readers import FaceReader
from masquerade.train import checkpoint as checkpoints
from masquerade.train.augment import ON_THE_MAP
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Cost
from masquerade.train.history import Entry, Row, open_tensorboard, read_history, write_history
from masquerade.train.image_features import ImageFeatures
from masquerade.train.job import Job, Trained
from masquerade.train.loader import Faces, Loader
from masquerade.train.people import Person
from masquerade.train.preview import write_preview
from masquerade.train.product import Product, write_model
from masquerade.train.schedule import phase_at
from masquerade.train.start import Start
from masquerade.train.team import Team
from masquerade.train.trainer import SwapTrainer

Say = Callable[[str, int, int | None], None]
Tell = Callable[[str], None]

_MOST_ROLLBACKS: Final = 8
_SAVE_S: Final = 300.0  # about so often, where nothing is said


@dataclass(frozen=True, slots=True)
class Setup:
    """What a training works with, from its first iteration to its last.

    Attributes:
        job: What is asked for.
        team: The processes.
        people: The source and the target.
        faces: Theirs, as the network takes them.
        start: What it begins with.
        cost: What an iteration takes here.
        reader: The loaded face networks.
        features: The image features that are compared in the later phases.
    """

    job: Job
    team: Team
    people: tuple[Person, Person]
    faces: tuple[Faces, Faces]
    start: Start
    cost: Cost
    reader: FaceReader
    features: ImageFeatures | None


class Run:
    """A training on its way; see `masquerade.train.swap.train`.

    Args:
        setup: What it works with.
        done: How far it is.
        progress: Told (what, done, in all).
        tell: Told, in sentences, what the user should know.
        stop: Set when it is to end.
    """

    def __init__(
        self, setup: Setup, done: Progress, *, progress: Say, tell: Tell, stop: threading.Event
    ) -> None:
        self.setup, self.job, self.team, self.done = setup, setup.job, setup.team, done
        self.progress, self.tell, self.stop = progress, tell, stop
        self.options = setup.job.chosen()
        self.history: list[Entry] = []
        self.began = time.monotonic()
        self.trainer = SwapTrainer(
            setup.job.shape,
            self.options,
            precision=setup.cost.precision,
            team=setup.team,
            features=setup.features,
        )

    def through(self, found: Checkpoint | None) -> Trained | None:
        """The whole way, from a checkpoint or the beginning; None: stopped before anything."""
        batch, faces = self.setup.cost.batch, self.setup.faces
        loader = Loader(faces, ON_THE_MAP, batch, self._seed(), self.team)
        try:
            self._begin(found)
            self._iterate(loader)
        finally:
            loader.close()
        if not self.done.step:
            return None
        product = self._finished() if self.team.leads else None
        last = self.history[-1] if self.history else None
        stopped = self.done.step < self.job.iterations
        stalled = last.stalled if last else 0.0
        return Trained(product, self.done.step, self.done.rollbacks, stalled, last, stopped)

    def _begin(self, found: Checkpoint | None) -> None:
        if found is None:
            if self.setup.start.weights:
                self.trainer.begin_with(self.setup.start.weights)
            self.save()  # so that there is something to go back to
        else:
            self.trainer.load(found.tensors)
            self.history = read_history(self.job.folder, until=self.done.step)
        self.team.agreed(False)  # nobody is ahead of the one who saves

    def _iterate(self, loader: Loader) -> None:
        total = self.job.iterations
        batches = loader.batches(self.done.step)
        every = self.options.save_every or max(1, round(_SAVE_S / self.setup.cost.iteration_s))
        looks = self.options.preview_every or every
        row = Row(time.monotonic(), loader.waited_s)
        while self.done.step < total and not self.team.agreed(self.stop.is_set()):
            step = self.done.step
            seed = hash((self.options.seed, step, self.done.rollbacks)) & 0x7FFFFFFF
            losses = self.trainer.learn(next(batches), phase_at(step, total), seed=seed)
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
            if looked_at:
                self._preview(loader)
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
        checkpoints.write(self.job.folder, state, keep=self.options.keep)

    def _roll_back(self) -> None:
        """To the last checkpoint, with shorter steps and other pictures."""
        count = self.done.rollbacks + 1
        if count > _MOST_ROLLBACKS:
            raise MasqueradeError(
                f"the numbers of the training were none for the {count}th time",
                "losses that can be followed",
                "go on with a smaller --rate, or --precision fp32",
            )
        found = checkpoints.latest(self.job.folder, run=self.done.run, tell=self.tell)
        if found is None:
            raise OutputError(f"the checkpoints in {self.job.folder} are gone", "the last one")
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

    def _write_row(self, row: Row, loader: Loader, *, check: bool) -> None:
        if not self.team.leads:
            return
        entry = row.ended(self.done.step, self._spent(), loader.waited_s)
        if check:
            source, target = (one.read(one.checked) for one in loader.people)
            found = self.trainer.check((source, target))
            entry = replace(entry, dssim_source=found[0], dssim_target=found[1])
        self.history.append(entry)
        write_history(self.job.folder, self.history, iterations=self.job.iterations)
        if self.options.tensorboard:
            with open_tensorboard(self.job.folder) as board:
                for name in ("source", "target", "critic", "dssim_source", "dssim_target"):
                    board.add_scalar(name, getattr(entry, name), entry.step)

    def _preview(self, loader: Loader) -> None:
        if self.team.leads:
            mine, theirs = (one.checked for one in loader.people)
            write_preview(
                self.job.folder,
                self.trainer,
                self.setup.people,
                (mine, theirs),
                step=self.done.step,
                start=self.setup.start,
                reader=self.setup.reader,
                tell=self.tell,
            )

    def _finished(self) -> Product:
        self.progress("writing the model", 0, None)
        checked = [one for one in self.history if one.dssim_source == one.dssim_source]
        metrics = {}
        if checked:
            last = checked[-1]
            metrics = {"dssim_source": last.dssim_source, "dssim_target": last.dssim_target}
        return write_model(
            self.job.out,
            self.trainer.averaged(),
            self.setup.people,
            self.setup.reader,
            iterations=self.done.step,
            metrics=metrics,
            start=self.setup.start,
        )
