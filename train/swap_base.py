"""Learns the base that trained swaps start from: what faces are like, from many people at once.

``python -m train.swap_base PICTURES [PICTURES ...] --out base.safetensors --minutes 60``

PICTURES are folders of portraits and clips that may be trained on. Every face in them is unrolled
onto the map, moved by the mesh (`train.swap_crowd`) and shaded (`train.map_lights`); source and
target are both the whole crowd, so that neither way through the network belongs to anybody. Stopped
at any moment, the same command goes on from the last checkpoint. Beside the base lie its
checkpoints, its losses, and a table of the files it has learned from.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from masquerade.models.trained.swap_base import read_base
from masquerade.train import checkpoint as checkpoints
from masquerade.train.augment import ON_THE_MAP
from masquerade.train.checkpoint import Checkpoint, Progress
from masquerade.train.contest import Losses
from masquerade.train.history import Entry, read_history, write_history
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Batch, Faces, Loader
from masquerade.train.schedule import PHASES
from masquerade.train.swap.base_mark import check_base
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.presets import PRESETS
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.train.team import Team, gathered
from train.map_lights import relit
from train.swap_base_file import About, ship, write_base
from train.swap_crowd import Crowd, crowd

_ROW: Final = 100  # iterations for each row of the history
_PLAIN_FROM: Final = 0.7  # of the time: bent pictures before, plain ones after


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect the crowd where it is not there yet, learn for so many minutes, write the base."""
    given = _arguments(arguments)
    options = TrainOptions(
        preset=given.preset,
        rate=given.rate,
        precision=given.precision,
        perceptual=given.perceptual,
        critic=0,
    )
    folder = given.out.with_suffix(".training")
    faces = crowd(given.pictures, PRESETS[options.preset].shape.drawn, folder)
    told = f"{len(faces.faces)} faces of {faces.people} people, {faces.found} of them found"
    print(told, flush=True)
    with gathered(given.device) as team:
        learning = Learning(faces, options, team, given)
        learning.through()
        if given.ship and team.leads:
            start = given.start.stem if given.start else ""
            about = About(faces, learning.done, given.batch, str(team.device), start)
            print(ship(learning.trainer, learning.held(), about, options.preset))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="in all, with runs before")
    parser.add_argument("--start", type=Path, help="a base learned here before, to begin with")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="tiny")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--precision", choices=("bf16", "fp16", "fp32"), default="bf16")
    parser.add_argument("--perceptual", type=float, default=0.0)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--save-minutes", type=float, default=5.0)
    parser.add_argument("--ship", action="store_true", help="put it into the package, with a card")
    return parser.parse_args(arguments)


class Learning:
    """A base on its way.

    Args:
        faces: The crowd.
        options: Of the training.
        team: The processes.
        given: The command's words.
    """

    def __init__(
        self, faces: Crowd, options: TrainOptions, team: Team, given: argparse.Namespace
    ) -> None:
        self.given, self.team = given, team
        self.folder = given.out.with_suffix(".training")
        self.trainer = SwapTrainer(
            PRESETS[options.preset].shape,
            options,
            precision=given.precision,
            team=team,
            features=ImageFeatures.open(team.device) if options.perceptual else None,
        )
        words = faces.faces.tobytes() + options.canonical_json().encode()
        self.done = Progress(run=hashlib.sha256(words).hexdigest())
        known = checkpoints.latest(self.folder, run=self.done.run, tell=print)
        if known is not None:
            self.trainer.load(known.tensors)
            self.done = known.progress
            print(f"goes on from iteration {self.done.step}", flush=True)
        elif given.start is not None:
            check_base(given.start)
            weights = read_base(given.start)[1]
            self.trainer.begin_with({name: torch.tensor(one) for name, one in weights.items()})
        self.history = read_history(self.folder, until=self.done.step)
        self.people = two_of(faces)
        batch = given.batch * team.size
        self.loader = Loader(self.people, ON_THE_MAP, batch, options.seed, team)
        self.began = time.monotonic()

    def through(self) -> None:
        """Train until the minutes are over, save now and then, write the base."""
        saved, sums = time.monotonic(), [0.0, 0.0]
        for step, batch in enumerate(self.loader.batches(self.done.step), self.done.step):
            share = self.spent() / (60 * self.given.minutes)
            if self.team.agreed(share >= 1):
                break
            losses = self._learned(batch, step, share)
            sums = [sums[0] + losses.source, sums[1] + losses.target]
            self.done = self.done.model_copy(update={"step": step + 1})
            if (step + 1) % _ROW == 0:
                self._write_row(sums)
                sums = [0.0, 0.0]
            if time.monotonic() - saved > 60 * self.given.save_minutes:
                self.save()
                saved = time.monotonic()
        self.loader.close()
        self.save()

    def spent(self) -> float:
        """Seconds that it was trained, with runs before."""
        return self.done.seconds + time.monotonic() - self.began

    def save(self) -> None:
        """A checkpoint, and the base as it is now."""
        if not self.team.leads:
            return
        now = time.monotonic()
        self.done = self.done.model_copy(update={"seconds": self.spent()})
        self.began = now
        checkpoints.write(self.folder, Checkpoint(self.trainer.tensors(), self.done), keep=2)
        write_base(self.given.out, self.trainer)

    def held(self) -> tuple[Tensor, Tensor]:
        """Faces of people who are not trained on, for both ways through the network."""
        first, second = (one.read(one.checked) for one in self.people)
        return first, second

    def _learned(self, batch: Batch, step: int, share: float) -> Losses:
        phase = PHASES[0] if share < _PLAIN_FROM else PHASES[2]
        lit = replace(batch, pictures=relit(batch.pictures, step))
        losses = self.trainer.learn(lit, phase, seed=step)
        if losses is None:
            raise ArithmeticError(f"the numbers are none at iteration {step}; use a smaller --rate")
        return losses

    def _write_row(self, sums: Sequence[float]) -> None:
        if not self.team.leads:
            return
        found = self.trainer.check(self.held())
        mean = [one / _ROW for one in sums]
        row = Entry(self.done.step, self.spent(), mean[0], mean[1], 0.0, *found)
        self.history.append(row)
        write_history(self.folder, self.history)
        print(f"{row.step} iterations, {row.seconds / 60:.1f} min: {row}", flush=True)


def two_of(crowd: Crowd) -> tuple[Faces, Faces]:
    """The crowd as both people of a training."""
    stored = torch.from_numpy(crowd.faces)
    order = np.arange(len(crowd.faces))
    faces = Faces(order[: -crowd.held], order[-crowd.held :], lambda wanted: stored[wanted])
    return faces, faces


if __name__ == "__main__":
    main()
