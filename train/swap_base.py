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
from safetensors.numpy import save_file

from masquerade.models.swap_base import packed, words_of
from masquerade.train import checkpoint as checkpoints
from masquerade.train.checkpoint import Checkpoint, Progress, write_whole
from masquerade.train.history import Entry, read_history, write_history
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Faces, Loader
from masquerade.train.options import TrainOptions
from masquerade.train.presets import PRESETS
from masquerade.train.schedule import PHASES
from masquerade.train.swap import ON_THE_MAP
from masquerade.train.team import Team, gathered
from masquerade.train.trainer import SwapTrainer
from train.map_lights import relit
from train.swap_crowd import Crowd, crowd

_ROW: Final = 100  # iterations for each row of the history
_PLAIN_FROM: Final = 0.7  # of the time: bent pictures before, plain ones after


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect the crowd where it is not there yet, learn for so many minutes, write the base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True, help="in all, with runs before")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="tiny")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--precision", choices=("bf16", "fp16", "fp32"), default="bf16")
    parser.add_argument("--perceptual", type=float, default=0.0)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--save-minutes", type=float, default=5.0)
    given = parser.parse_args(arguments)
    options = TrainOptions(
        preset=given.preset,
        rate=given.rate,
        precision=given.precision,
        perceptual=given.perceptual,
        critic=0,
    )
    folder = given.out.with_suffix(".training")
    faces = crowd(given.pictures, PRESETS[options.preset].shape.side, folder)
    told = f"{len(faces.faces)} faces of {faces.people} people, {faces.found} of them found"
    print(told, flush=True)
    with gathered(given.device) as team:
        learn(faces, options, team, folder, given.out, given.batch, given)


def learn(
    faces: Crowd,
    options: TrainOptions,
    team: Team,
    folder: Path,
    out: Path,
    batch: int,
    given: argparse.Namespace,
) -> None:
    """Train until the minutes are over, save now and then, write the base."""
    shape = PRESETS[options.preset].shape
    features = ImageFeatures.open(team.device) if options.perceptual else None
    precision = given.precision
    trainer = SwapTrainer(shape, options, precision=precision, team=team, features=features)
    digest = hashlib.sha256(faces.faces.tobytes() + options.canonical_json().encode()).hexdigest()
    done = Progress(run=digest)
    known = checkpoints.latest(folder, run=digest, tell=print)
    if known is not None:
        trainer.load(known.tensors)
        done = known.progress
        print(f"goes on from iteration {done.step}", flush=True)
    history = read_history(folder, until=done.step)
    loader = Loader(two_of(faces), ON_THE_MAP, batch * team.size, options.seed, team)
    began, saved, sums = time.monotonic(), time.monotonic(), [0.0, 0.0]
    bent, plain = PHASES[0], PHASES[2]

    def spent() -> float:
        return done.seconds + time.monotonic() - began

    def save(step: int) -> None:
        if team.leads:
            now = done.model_copy(update={"step": step, "seconds": spent()})
            checkpoints.write(folder, Checkpoint(trainer.tensors(), now), keep=2)
            write_base(out, trainer)

    step = done.step
    for some in loader.batches(done.step):
        share = spent() / (60 * given.minutes)
        if team.agreed(share >= 1):
            break
        some = replace(some, pictures=relit(some.pictures, step))
        losses = trainer.learn(some, bent if share < _PLAIN_FROM else plain, seed=step)
        if losses is None:
            raise ArithmeticError(f"the numbers are none at iteration {step}; use a smaller --rate")
        step += 1
        sums = [sums[0] + losses.source, sums[1] + losses.target]
        if step % _ROW == 0 and team.leads:
            checked = trainer.check(tuple(one.read(one.checked) for one in loader.people))  # type: ignore[arg-type]
            row = Entry(step, spent(), sums[0] / _ROW, sums[1] / _ROW, 0.0, *checked)
            history.append(row)
            write_history(folder, history)
            print(f"{step} iterations, {row.seconds / 60:.1f} min: {row}", flush=True)
            sums = [0.0, 0.0]
        if time.monotonic() - saved > 60 * given.save_minutes:
            save(step)
            saved = time.monotonic()
    loader.close()
    save(step)


def two_of(crowd: Crowd) -> tuple[Faces, Faces]:
    """The crowd as both people of a training."""
    stored = torch.from_numpy(crowd.faces)
    order = np.arange(len(crowd.faces))
    faces = Faces(order[: -crowd.held], order[-crowd.held :], lambda wanted: stored[wanted])
    return faces, faces


def write_base(out: Path, trainer: SwapTrainer) -> None:
    """The averaged weights in eight bits, with the network's sizes."""
    weights = {name: one.cpu().numpy() for name, one in trainer.averaged().state_dict().items()}
    tensors = {name: np.ascontiguousarray(one) for name, one in packed(weights).items()}
    write_whole(out, lambda fresh: save_file(tensors, fresh, words_of(trainer.shape)))


if __name__ == "__main__":
    main()
