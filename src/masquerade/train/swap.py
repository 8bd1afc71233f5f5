"""Training a swap, from two facesets to a model file.

::

    facesets -> consent of both -> estimate -> last checkpoint, if there is one
    -> for each iteration: pictures changed -> drawn again -> one step down the loss
       now and then: checked on faces never trained on, preview, curves, checkpoint
    -> model file, under both consent records

Stopped at any moment, the same command goes on from the last checkpoint, to the same numbers as if
it had never stopped. Whatever goes wrong, what was saved before stays.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Final

import torch

from masquerade.errors import MasqueradeError, OutputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.models.swap_shape import SwapShape
from masquerade.train import checkpoint as checkpoints
from masquerade.train.augment import Amounts
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.estimate import Estimate, estimate
from masquerade.train.history import Entry, open_tensorboard, read_history, write_history
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Faces, Loader
from masquerade.train.options import TrainOptions
from masquerade.train.people import Person, open_person
from masquerade.train.presets import PRESETS
from masquerade.train.preview import write_preview
from masquerade.train.product import Product, write_model
from masquerade.train.schedule import phase_at
from masquerade.train.start import Start, StartFrom, start_of
from masquerade.train.team import Team, gathered
from masquerade.train.trainer import Losses, SwapTrainer

Say = Callable[[str, int, int | None], None]
Tell = Callable[[str], None]

ON_THE_MAP: Final = Amounts(turn_deg=2.0, scale=0.03, shift=0.02, flip=0.4)
"""Changes of pictures on the map, where every feature has its place already."""
_MOST_ROLLBACKS: Final = 8
_SAVE_S: Final = 300.0  # about so often, where nothing is said
_ROW_S: Final = 20.0  # between two rows of the history at most
_ROW_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for.

    Attributes:
        source: Faceset of the person whose face is shown in the end.
        target: Faceset of the person whose place it takes.
        out: The model file; checkpoints lie beside it in a folder of the same name.
        start: What it begins with; see `masquerade.train.start.start_of`.
        options: How it is trained.
        anew: Begin again where checkpoints are there.
        overwrite: Replace `out` if it exists.
    """

    source: Path
    target: Path
    out: Path
    start: StartFrom = "base"
    options: TrainOptions = field(default_factory=TrainOptions)
    anew: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """Where checkpoints, curves and previews lie."""
        return self.out.with_suffix(".training")

    @property
    def shape(self) -> SwapShape:
        """Sizes of the network."""
        shape = PRESETS[self.options.preset].shape
        return shape.model_copy(update={"side": self.options.side or shape.side})

    @property
    def iterations(self) -> int:
        """How many in all."""
        return self.options.iterations or PRESETS[self.options.preset].iterations


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it.

    Attributes:
        product: The model file; None in processes that do not lead, and where nothing was learned.
        iterations: Done in all.
        rollbacks: How often numbers were none, and the training went back.
        stalled: Share of the time in which the device waited for pictures.
        last: Row of the history.
        stopped: Whether it was stopped on request before its end.
    """

    product: Product | None
    iterations: int
    rollbacks: int
    stalled: float
    last: Entry | None
    stopped: bool


def train(job: Job, *, progress: Say, tell: Tell) -> Trained:
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
    _check_out(job)
    with gathered(job.options.device) as team, _stopping() as stop:
        if job.options.threads:
            torch.set_num_threads(job.options.threads)
        reader = FaceReader.open()
        people = (
            open_person(job.source, "source", reader, tell=tell),
            open_person(job.target, "target", reader, tell=tell),
        )
        options = _with_preset(job)
        features = None
        if options.perceptual:
            features = ImageFeatures.open(team.device, progress=progress)
        known = estimate(
            job.shape,
            options,
            batch=PRESETS[options.preset].batch * team.size,
            team=team,
            features=features,
            progress=progress,
            stopped=stop.is_set,
        )
        if known is None:
            return _nothing(team, tell)
        _announce(job, known, team, tell)
        start = start_of(job.start, job.shape, options.preset, tell=tell)
        run = _Run(job, options, team, people, reader, known, start, progress, tell, stop)
        return run.through(features)


class _Run:
    """A training on its way; see `train`."""

    def __init__(
        self,
        job: Job,
        options: TrainOptions,
        team: Team,
        people: tuple[Person, Person],
        reader: FaceReader,
        known: Estimate,
        start: Start,
        progress: Say,
        tell: Tell,
        stop: threading.Event,
    ) -> None:
        self.job, self.options, self.team, self.people = job, options, team, people
        self.reader, self.known, self.progress, self.tell = reader, known, progress, tell
        self.start, self.stop = start, stop
        name = _name(job, options, people, known, start)
        self.done = Progress(run=name, consents=_consents(people))
        self.history: list[Entry] = []
        self.began = time.monotonic()

    def through(self, features: ImageFeatures | None) -> Trained:
        """The whole way."""
        self.trainer = SwapTrainer(
            self.job.shape,
            self.options,
            precision=self.known.precision,
            team=self.team,
            features=features,
        )
        if self.start.weights:
            self.trainer.begin_with(self.start.weights)
        self._go_on()
        loader = self._loader()
        try:
            self._iterate(loader)
        finally:
            loader.close()
        if not self.done.step:
            return _nothing(self.team, self.tell)
        product = self._finished() if self.team.leads else None
        last = self.history[-1] if self.history else None
        stopped = self.done.step < self.job.iterations
        stalled = last.stalled if last else 0.0
        return Trained(product, self.done.step, self.done.rollbacks, stalled, last, stopped)

    def _iterate(self, loader: Loader) -> None:
        total = self.job.iterations
        batches = loader.batches(self.done.step)
        every = self.options.save_every or max(1, round(_SAVE_S / self.known.iteration_s))
        looks = self.options.preview_every or every
        row = _Row.begun(loader)
        while self.done.step < total and not self.team.agreed(self.stop.is_set()):
            step = self.done.step
            seed = hash((self.options.seed, step, self.done.rollbacks)) & 0x7FFFFFFF
            losses = self.trainer.learn(next(batches), phase_at(step, total), seed=seed)
            if losses is None:
                self._roll_back()
                loader.seed = _seed(self.options, self.done)
                batches, row = loader.batches(self.done.step), _Row.begun(loader)
                continue
            self.done = self.done.model_copy(update={"step": step + 1})
            row.add(losses)
            self.progress("training", step + 1, total)
            if row.is_due or step + 1 == total:
                self._write_row(row, loader, check=(step + 1) % looks == 0 or step + 1 == total)
                row = _Row.begun(loader)
            if (step + 1) % every == 0:
                self.save()
            if (step + 1) % looks == 0:
                self._preview(loader)
        self.save()

    def save(self) -> None:
        """A checkpoint of the training as it is now."""
        if not self.team.leads:
            return
        spent = time.monotonic() - self.began
        self.done = self.done.model_copy(update={"seconds": self.done.seconds + spent})
        self.began = time.monotonic()
        state = Checkpoint(self.trainer.tensors(), self.done)
        checkpoints.write(self.job.folder, state, keep=self.options.keep)

    def _go_on(self) -> None:
        """From the last checkpoint, or from the beginning with one."""
        if self.job.anew and self.team.leads:
            checkpoints.remove_all(self.job.folder)
        self.team.agreed(False)  # nobody looks before that is done
        found = checkpoints.latest(self.job.folder, run=self.done.run, tell=self.tell)
        if found is not None:
            self.trainer.load(found.tensors)
            self.done = found.progress
            self.history = read_history(self.job.folder, until=self.done.step)
            self.tell(f"goes on from iteration {self.done.step}")
        else:
            self.save()  # so that there is something to go back to
        self.team.agreed(False)

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

    def _loader(self) -> Loader:
        side, both = self.job.shape.side, []
        for person, path in zip(self.people, (self.job.source, self.job.target), strict=True):
            both.append(Faces.of(person.faces, path.name, side, progress=self.progress))
        return Loader(
            (both[0], both[1]),
            ON_THE_MAP,
            self.known.batch,
            _seed(self.options, self.done),
            self.team,
        )

    def _write_row(self, row: _Row, loader: Loader, *, check: bool) -> None:
        if not self.team.leads:
            return
        entry = row.ended(self.done, self.began, loader)
        if check:
            source, target = (one.read(one.checked) for one in loader.people)
            found = self.trainer.check((source, target))
            entry = replace(entry, dssim_source=found[0], dssim_target=found[1])
        self.history.append(entry)
        write_history(self.job.folder, self.history)
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
                self.people,
                (mine, theirs),
                step=self.done.step,
                start=self.start,
                reader=self.reader,
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
            self.people,
            self.reader,
            iterations=self.done.step,
            metrics=metrics,
            started_from=self.start.sha256,
        )


def _nothing(team: Team, tell: Tell) -> Trained:
    """Of a training that was stopped before its first iteration."""
    if team.leads:
        tell("stopped before an iteration was through: nothing was learned, no model is written")
    return Trained(None, 0, 0, 0.0, None, stopped=True)


@dataclass(slots=True)
class _Row:
    """Losses that are gathered for one row of the history."""

    began: float
    waited_s: float
    losses: list[Losses] = field(default_factory=list)

    @classmethod
    def begun(cls, loader: Loader) -> _Row:
        return cls(time.monotonic(), loader.waited_s)

    def add(self, losses: Losses) -> None:
        self.losses.append(losses)

    @property
    def is_due(self) -> bool:
        return len(self.losses) >= _ROW_STEPS or time.monotonic() - self.began > _ROW_S

    def ended(self, done: Progress, began: float, loader: Loader) -> Entry:
        now, count = time.monotonic(), len(self.losses)
        return Entry(
            step=done.step,
            seconds=done.seconds + now - began,
            source=sum(one.source for one in self.losses) / count,
            target=sum(one.target for one in self.losses) / count,
            critic=sum(one.critic for one in self.losses) / count,
            stalled=(loader.waited_s - self.waited_s) / max(now - self.began, 1e-9),
        )


def _check_out(job: Job) -> None:
    if job.out.suffix != ".safetensors":
        raise UsageError(f"{job.out} is to hold a model", "a name that ends in .safetensors")
    if not job.out.absolute().parent.is_dir():
        raise OutputError(f"there is no folder {job.out.absolute().parent}", "one that exists")
    if job.out.exists() and not job.overwrite and not job.folder.is_dir():
        raise UsageError(
            f"{job.out} exists", "a new file", "choose another name, or add --overwrite"
        )


def _with_preset(job: Job) -> TrainOptions:
    """The options, without image features and critic where the preset has no use for them."""
    if PRESETS[job.options.preset].details:
        return job.options
    left_out = {"perceptual", "critic"} - job.options.model_fields_set
    return job.options.model_copy(update=dict.fromkeys(left_out, 0.0))


def _announce(job: Job, known: Estimate, team: Team, tell: Tell) -> None:
    """What it will take, and whether there is room for it."""
    if not team.leads:
        return
    hours = known.iteration_s * job.iterations / 3600
    took = f"{hours:.1f} h" if hours >= 1.5 else f"{60 * hours:.0f} min"
    shape = job.shape
    tell(
        f"{job.options.preset}: {shape.side} px, {known.weights / 1e6:.1f} million weights;"
        f" {known.batch} faces of each person an iteration on {team.size} x {team.device}"
        f" ({known.precision}): {known.iteration_s:.2f} s and {known.memory_mb:.0f} MB;"
        f" {job.iterations} iterations in about {took}; checkpoints of"
        f" {known.checkpoint_mb:.0f} MB in {job.folder}"
    )
    needed = (job.options.keep + 1) * known.checkpoint_mb * 1e6
    free = shutil.disk_usage(job.out.absolute().parent).free
    if free < needed:
        raise OutputError(
            f"{free / 1e6:.0f} MB are free on the disk of {job.out.absolute().parent}",
            f"{needed / 1e6:.0f} MB for checkpoints",
            "free some space, keep fewer with --keep, or choose a smaller --preset",
        )


def _name(
    job: Job,
    options: TrainOptions,
    people: tuple[Person, Person],
    known: Estimate,
    start: Start,
) -> str:
    """Hash of all that decides the weights of a training."""
    chosen = options.model_dump(
        mode="json",
        exclude={
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
        },
    )
    faces = [person.sha256 for person in people]
    made = [chosen, known.batch, known.precision, job.shape.model_dump(), faces, start.sha256]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def _consents(people: tuple[Person, Person]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.record.id for person in people))


def _seed(options: TrainOptions, done: Progress) -> int:
    """Of the pictures; another one after numbers that were none, or they would come again."""
    return options.seed + 1_000_003 * done.rollbacks


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C, so that the iteration at hand ends and is saved; a second one ends at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def told(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()

    before = {name: signal.signal(name, told) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
