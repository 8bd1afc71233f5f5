"""Learns the base that trained swaps start from: what faces are like, from many people at once.

``python -m train.swap_base PICTURES [PICTURES ...] --out base.safetensors --minutes 60``

PICTURES are folders of portraits that may be trained on. Every face found in them is unrolled onto
the map; source and target are both the whole crowd, so that neither way through the network belongs
to anybody. Stopped at any moment, the same command goes on from the last checkpoint. Beside the
base lie its checkpoints, its losses, and a table of the pictures it has learned from.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from masquerade.errors import InputError
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.faces.trained_face import cut
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.models.trained_swap import BASE_KEY
from masquerade.train import checkpoint as checkpoints
from masquerade.train.checkpoint import Checkpoint, Progress, write_whole
from masquerade.train.history import Entry, read_history, write_history
from masquerade.train.image_features import ImageFeatures
from masquerade.train.loader import Faces, Loader
from masquerade.train.options import TrainOptions
from masquerade.train.presets import PRESETS
from masquerade.train.product import halved
from masquerade.train.schedule import PHASES
from masquerade.train.swap import ON_THE_MAP
from masquerade.train.team import Team, gathered
from masquerade.train.trainer import SwapTrainer

ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_HELD: Final = 0.03  # of the faces, to check with
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
    with gathered(given.device) as team:
        learn(faces, options, team, folder, given.out, given.batch, given)


def crowd(folders: Sequence[Path], side: int, work: Path) -> NDArray[np.uint8]:
    """(n, 5, side, side) uint8 every face in the pictures; kept in the work folder.

    Raises:
        InputError: There are none.
    """
    work.mkdir(parents=True, exist_ok=True)
    kept = work / f"crowd-{side}.npy"
    if kept.exists():
        return np.asarray(np.load(kept, allow_pickle=False), np.uint8)
    reader = FaceReader.open()
    found: list[NDArray[np.uint8]] = []
    rows: list[tuple[str, str, int]] = []
    for path in sorted(one for place in folders for one in place.rglob("*") if one.is_file()):
        if path.suffix.lower() not in ENDINGS:
            continue
        try:
            pixels = read_image(path).pixels
        except InputError as error:
            print(f"{path.name} left out: {error.found}", flush=True)
            continue
        faces = find_faces(pixels, reader)
        found += [cut(pixels, face.landmarks, side).transpose(2, 0, 1) for face in faces]
        rows.append((path.name, file_sha256(path), len(faces)))
        if len(rows) % 100 == 0:
            print(f"{len(rows)} pictures, {len(found)} faces", flush=True)
    if not found:
        raise InputError("no face was found", "folders of portraits")
    with (work / "pictures.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("picture", "sha256", "faces"), *rows])
    order = np.random.default_rng(1).permutation(len(found))
    stacked = np.stack([found[int(k)] for k in order])
    np.save(kept, stacked, allow_pickle=False)
    return stacked


def learn(
    crowd: NDArray[np.uint8],
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
    digest = hashlib.sha256(crowd.tobytes() + options.canonical_json().encode()).hexdigest()
    done = Progress(run=digest)
    known = checkpoints.latest(folder, run=digest, tell=print)
    if known is not None:
        trainer.load(known.tensors)
        done = known.progress
        print(f"goes on from iteration {done.step}", flush=True)
    history = read_history(folder, until=done.step)
    loader = Loader(two_of(crowd), ON_THE_MAP, batch * team.size, options.seed, team)
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


def two_of(crowd: NDArray[np.uint8]) -> tuple[Faces, Faces]:
    """The crowd as both people of a training."""
    stored = torch.from_numpy(crowd)
    order = np.arange(len(crowd))
    held = max(1, min(64, round(_HELD * len(crowd))))
    faces = Faces(order[:-held], order[-held:], lambda wanted: stored[wanted])
    return faces, faces


def write_base(out: Path, trainer: SwapTrainer) -> None:
    """The averaged weights in half precision, with the network's sizes."""
    tensors = halved(trainer.averaged())
    words = {BASE_KEY: trainer.shape.model_dump_json()}
    write_whole(out, lambda fresh: save_file(tensors, fresh, words))


if __name__ == "__main__":
    main()
