"""One training of a benchmark: so much processor time, checked along the way on held-out faces."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.train_shown import People, swapped, themselves
from masquerade.errors import MasqueradeError
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.train import checkpoint as checkpoints
from masquerade.train.augment import ON_THE_MAP
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.cost import Precision
from masquerade.train.loader import Loader
from masquerade.train.schedule import phase_at
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.train.team import Team
from masquerade.types import RGB

CHECKS: Final = 24
_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One training.

    Attributes:
        name: What it is called.
        start: Weights to begin with; empty: those of chance.
        precision: Numbers that it computes with.
        minutes: Of processor time.
        batch: Faces of each person in an iteration.
    """

    name: str
    start: dict[str, Tensor]
    precision: Precision
    minutes: float
    batch: int


@dataclass(frozen=True, slots=True)
class Checked:
    """How good the network was at some point, and what it had taken until then."""

    step: int
    processor_s: float
    dssim_source: float
    dssim_target: float
    wall_s: float = 0.0
    waited_s: float = 0.0

    @property
    def dssim(self) -> float:
        """Mean of both people."""
        return (self.dssim_source + self.dssim_target) / 2


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a training.

    Attributes:
        name: Of the plan.
        minutes: Of processor time.
        curve: Checks, with the first one before any iteration.
        wall_s: Time that passed while it was trained.
        stalled: Share of that in which it waited for pictures.
        identity: Distance of the swap to the source, mean over held-out faces of the target.
        unlike: The same of the target's own faces.
        itself: The same of the source's own held-out faces, drawn in their own place.
        map_alone: The same of those laid from the map as they were cut, without any network.
    """

    name: str
    minutes: float
    curve: list[Checked]
    wall_s: float
    stalled: float
    identity: float = 0.0
    unlike: float = 0.0
    itself: float = 0.0
    map_alone: float = 0.0

    @property
    def per_processor_s(self) -> float:
        """Iterations in a second of processor time."""
        return self.curve[-1].step / self.curve[-1].processor_s


@dataclass(slots=True)
class _Clock:
    """Processor time and time of all that lies within its blocks."""

    processor_s: float
    wall_s: float
    _began: tuple[float, float] = field(default=(0.0, 0.0))

    def __enter__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.processor_s += time.process_time() - self._began[0]
        self.wall_s += time.perf_counter() - self._began[1]


def run(plan: Plan, shape: SwapShape, people: People, reader: FaceReader, folder: Path) -> Run:
    """The training of a plan, or what came of it when it was run before.

    Args:
        plan: What is to be done.
        shape: Of the network.
        people: Whom it is trained on.
        reader: The loaded face networks.
        folder: Where its figures and pictures go.
    """
    kept = folder / f"{plan.name}-{plan.minutes:g}.json"
    if kept.is_file():
        return read_run(kept)
    options = TrainOptions(perceptual=0, critic=0)
    team = Team(torch.device("cpu"))
    trainer = SwapTrainer(shape, options, precision=plan.precision, team=team)
    if plan.start:
        trainer.begin_with(plan.start)
    loader = Loader(people.faces, ON_THE_MAP, plan.batch, options.seed, team)
    curve = followed(plan, trainer, loader, kept.with_suffix(".training"))
    loader.close()
    shown = swapped(trainer, people, reader)
    _write_picture(kept.with_suffix(".png"), np.vstack([np.hstack(row) for row in shown.rows]))
    wall_s = curve[-1].wall_s
    stalled = curve[-1].waited_s / wall_s
    made = Run(
        plan.name,
        plan.minutes,
        curve,
        wall_s,
        stalled,
        shown.identity,
        shown.unlike,
        *themselves(trainer, people, reader),
    )
    kept.write_text(json.dumps(asdict(made)), encoding="utf-8")
    shutil.rmtree(kept.with_suffix(".training"))
    return made


def read_run(path: Path) -> Run:
    """A run's figures out of its file."""
    known = json.loads(path.read_text(encoding="utf-8"))
    return Run(**{**known, "curve": [Checked(**one) for one in known["curve"]]})


def picture_of(run: Run, folder: Path) -> RGB:
    """(H, W, 3) uint8 the sheet that a run left."""
    return read_image(folder / f"{run.name}-{run.minutes:g}.png").pixels


def followed(plan: Plan, trainer: SwapTrainer, loader: Loader, folder: Path) -> list[Checked]:
    """The curve, with checks close together in the beginning; goes on from the last of them."""
    checked = tuple(one.read(one.checked) for one in loader.people)
    assert len(checked) == 2
    curve = _gone_on(plan, trainer, folder) or [Checked(0, 0.0, *trainer.check(checked))]
    begun, budget = curve[-1], 60 * plan.minutes
    clock, step = _Clock(begun.processor_s, begun.wall_s), begun.step
    batches = loader.batches(step)
    while clock.processor_s < budget:
        share = clock.processor_s / budget
        with clock:
            phase = phase_at(int(share * _PARTS), _PARTS)
            losses = trainer.learn(next(batches), phase, seed=step)
        if losses is None:
            raise MasqueradeError(f"{plan.name}: numbers that are none at iteration {step}")
        step += 1
        due = (len(curve) / CHECKS) ** 1.5 * budget
        if clock.processor_s >= min(due, budget):
            found, waited_s = trainer.check(checked), begun.waited_s + loader.waited_s
            taken = {"wall_s": clock.wall_s, "waited_s": waited_s}
            curve.append(Checked(step, clock.processor_s, *found, **taken))
            now = curve[-1]
            print(f"{plan.name}: {step} iterations, {now.processor_s:.0f} s, {now.dssim:.4f}")
            _keep(plan, trainer, folder, curve)
    return curve


def _keep(plan: Plan, trainer: SwapTrainer, folder: Path, curve: Sequence[Checked]) -> None:
    folder.mkdir(exist_ok=True)
    text = json.dumps([asdict(one) for one in curve])
    (folder / "curve.json").write_text(text, encoding="utf-8")
    progress = Progress(
        run=_digest(plan, trainer.shape), step=curve[-1].step, seconds=curve[-1].processor_s
    )
    checkpoints.write(folder, Checkpoint(trainer.tensors(), progress), keep=1)


def _gone_on(plan: Plan, trainer: SwapTrainer, folder: Path) -> list[Checked]:
    """The curve up to the last checkpoint, which is loaded; empty where there is none."""
    if not folder.is_dir():
        return []
    known = checkpoints.latest(folder, run=_digest(plan, trainer.shape), tell=print)
    if known is None:
        return []
    trainer.load(known.tensors)
    print(f"{plan.name}: goes on from iteration {known.progress.step}")
    stored = json.loads((folder / "curve.json").read_text(encoding="utf-8"))
    return [Checked(**one) for one in stored if one["step"] <= known.progress.step]


def _digest(plan: Plan, shape: SwapShape) -> str:
    """Hash of what must be the same to go on."""
    weights = hashlib.sha256()
    for name in sorted(plan.start):
        weights.update(name.encode() + plan.start[name].numpy().tobytes())
    words = f"{plan.name} {plan.minutes} {plan.batch} {plan.precision} {weights.hexdigest()}"
    words += shape.model_dump_json()
    return hashlib.sha256(words.encode()).hexdigest()


def _write_picture(path: Path, pixels: RGB) -> None:
    _, packed = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    path.write_bytes(np.asarray(packed, np.uint8).tobytes())


def sheet(runs: Sequence[Run], folder: Path) -> RGB:
    """(H, W, 3) uint8 the sheets of all runs side by side, their names above."""
    columns = []
    for one in runs:
        picture = picture_of(one, folder)
        head = np.full((36, picture.shape[1], 3), 250, np.uint8)
        at = (8, 24)
        cv2.putText(head, one.name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (30, 30, 30), 1, cv2.LINE_AA)
        columns += [np.vstack([head, picture]), np.full((len(picture) + 36, 8, 3), 250, np.uint8)]
    return np.hstack(columns[:-1])
