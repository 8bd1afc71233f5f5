"""Iterations a second of a training, against faceswap's own where it is at hand.

``python -m benchmarks.train_speed [--rival DIR] [--rival-python FILE] [--threads N] [--batch N]``

DIR is a clone of github.com/deepfakes/faceswap outside this repository (GPL; nothing of it is
copied), FILE a Python that it is installed for. All are timed in turns in the same run: 64 pixels,
the same batch, the same threads. Our side is the whole iteration with its loader: pictures changed
anew, both losses, optimiser, averaged weights. faceswap's is its ``train_batch`` on pictures that
are ready (`benchmarks.train_rival`). Besides ``tiny``, which draws 128 pixels of the 64 it looks
at, our network is timed drawing 64 as the rivals do, also with its widths raised until it has as
many weights. What counts is processor time, since the machine may be shared.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal, Protocol

import numpy as np
import torch

from benchmarks import train_rival
from benchmarks.report import Bar, publish
from masquerade.models.trained.swap_graph import tensor_shapes
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.train.augment import ON_THE_MAP
from masquerade.train.loader import Faces, Loader
from masquerade.train.schedule import PHASES
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.presets import PRESETS
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.train.team import Team

RIVALS: Final = ("lightweight", "original")
_ROUNDS: Final = 3
_SECONDS: Final = 1.5  # of processor time for each turn, about
_FACES: Final = 400


@dataclass(frozen=True, slots=True)
class Turn:
    """Time of some iterations."""

    iterations: int
    wall_s: float
    processor_s: float


class Side(Protocol):
    """What is timed."""

    name: str
    weights: int

    def take(self, iterations: int) -> Turn:
        """So many iterations, timed."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Ours:
    """Our training, on pictures of two made-up people.

    Args:
        name: What it is called.
        shape: Of the network.
        precision: Numbers that it computes with.
        batch: Pictures of each person.
    """

    def __init__(
        self, name: str, shape: SwapShape, precision: Literal["bf16", "fp32"], batch: int
    ) -> None:
        team, options = Team(torch.device("cpu")), TrainOptions(perceptual=0, critic=0)
        self.name, self.weights = name, weights_of(shape)
        self._trainer = SwapTrainer(shape, options, precision=precision, team=team)
        faces = _faces(1, shape.drawn), _faces(2, shape.drawn)
        self._loader = Loader(faces, ON_THE_MAP, batch, 1, team)
        self._batches = self._loader.batches(0)

    def take(self, iterations: int) -> Turn:
        """So many iterations with their loader, timed."""
        wall, processor = time.perf_counter(), time.process_time()
        for seed in range(iterations):
            losses = self._trainer.learn(next(self._batches), PHASES[0], seed=seed)
            assert losses is not None
        return Turn(iterations, time.perf_counter() - wall, time.process_time() - processor)

    @property
    def waited_s(self) -> float:
        """How long it waited for pictures."""
        return self._loader.waited_s

    def close(self) -> None:
        """Stop the loader."""
        self._loader.close()


class Rival:
    """faceswap's training in a process of its own.

    Args:
        name: Of its model.
        folder: A clone of it.
        python: That it is installed for.
        batch: Pictures of each person.
        threads: Of the processor.
    """

    def __init__(self, name: str, folder: Path, python: Path, batch: int, threads: int) -> None:
        script = Path(train_rival.__file__).resolve()
        self.name = f"faceswap {name}"
        self._process = subprocess.Popen(
            [str(python.absolute()), str(script), name, str(batch), str(threads)],
            cwd=folder,
            env=os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._said()
        self.weights, self.torch = int(said["weights"]), str(said["torch"])

    def take(self, iterations: int) -> Turn:
        """So many of its iterations, timed by itself."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{iterations}\n")
        self._process.stdin.flush()
        said = self._said()
        return Turn(iterations, float(said["wall_s"]), float(said["processor_s"]))

    def close(self) -> None:
        """End its process."""
        self._process.communicate(timeout=60)

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(train_rival.MARK):
                found: dict[str, Any] = json.loads(line[len(train_rival.MARK) :])
                return found
        raise SystemExit(f"{self.name} ended without a word; see above")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rival", type=Path, metavar="DIR", help="a clone of faceswap")
    parser.add_argument("--rival-python", type=Path, metavar="FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    rivals = []
    if given.rival:
        python = given.rival_python or given.rival / ".venv" / "bin" / "python"
        rivals = [Rival(one, given.rival, python, given.batch, given.threads) for one in RIVALS]
    else:
        print("no rival was given (--rival DIR): these are our numbers alone")
    tiny = PRESETS["tiny"].shape
    equal = tiny.model_copy(update={"finer": 1})  # the rivals draw what they look at
    ours = [
        Ours("tiny bf16", tiny, "bf16", given.batch),
        Ours("tiny fp32", tiny, "fp32", given.batch),
        Ours(f"tiny drawing {equal.drawn} px, bf16", equal, "bf16", given.batch),
    ]
    ours += [
        Ours(
            f"as many weights as {one.name}, bf16",
            as_large(equal, one.weights),
            "bf16",
            given.batch,
        )
        for one in rivals
    ]
    sides: list[Side] = [*rivals, *ours]
    turns = timed_in_turns(sides)
    stalled = [one.waited_s / sum(turn.wall_s for turn in turns[one.name]) for one in ours]
    for side in sides:
        side.close()
    _publish(given, rivals, ours, turns, max(stalled))


def timed_in_turns(
    sides: Sequence[Side], *, rounds: int = _ROUNDS, seconds: float = _SECONDS
) -> dict[str, list[Turn]]:
    """Turns of each side, all sides one after the other in each round.

    Args:
        sides: What is timed.
        rounds: How often each has its turn.
        seconds: Of processor time in a turn, about; one iteration at least.
    """
    counts: dict[str, int] = {}
    found: dict[str, list[Turn]] = {side.name: [] for side in sides}
    for side in sides:
        counts[side.name] = max(1, round(seconds / side.take(1).processor_s))
    for _ in range(rounds):
        for side in sides:
            found[side.name].append(side.take(counts[side.name]))
    return found


def as_large(shape: SwapShape, weights: int) -> SwapShape:
    """The shape with all its widths raised alike until it has at least so many weights."""
    factor = 1.0
    while True:
        widths = {
            name: 4 * round(getattr(shape, name) * factor / 4)
            for name in ("latent", "encoder", "decoder", "mask")
        }
        made = shape.model_copy(update=widths)
        if weights_of(made) >= weights:
            return made
        factor += 0.02


def weights_of(shape: SwapShape) -> int:
    """Numbers in a network of ours.

    Example:
        >>> round(weights_of(PRESETS["tiny"].shape) / 1e6, 1)
        11.5
    """
    return sum(math.prod(size) for size in tensor_shapes(shape).values())


def _faces(seed: int, side: int) -> Faces:
    """Smooth noise in place of faces."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.integers(0, 255, (_FACES, 5, 8, 8)).astype(np.float32))
    large = torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")
    stored, order = large.byte(), np.arange(_FACES)
    return Faces(order[8:], order[:8], lambda wanted: stored[wanted])


def _publish(
    given: argparse.Namespace,
    rivals: Sequence[Rival],
    ours: Sequence[Ours],
    turns: dict[str, list[Turn]],
    stalled: float,
) -> None:
    sides: list[Side] = [*rivals, *ours]
    table = {one.name: _row(one, turns[one.name], given.batch) for one in sides}
    for name, row in table.items():
        print(
            f"{name}: {row['weights'] / 1e6:.1f} million weights,"
            f" {row['iterations_per_processor_s']:.2f} iterations and"
            f" {row['images_per_processor_s']:.1f} images a processor second"
        )
    bars = [Bar("waiting for pictures, largest share", stalled, 0.05)]
    for rival, equal in zip(rivals, ours[3:], strict=True):
        theirs = table[rival.name]["iterations_per_processor_s"]
        for one in (equal, ours[0]):
            share = table[one.name]["iterations_per_processor_s"] / theirs
            bars.append(Bar(f"{one.name}: times as fast as {rival.name}", share, 1.5, ">="))
    results = {
        "side_px": PRESETS["tiny"].shape.side,
        "batch_each_person": given.batch,
        "threads": given.threads,
        "timed": "ours: SwapTrainer.learn with its loader; faceswap: its own train_batch, float32,"
        " pictures ready in memory",
        "rival": rival_commit(given.rival),
        "torch": {"ours": torch.__version__, **{one.name: one.torch for one in rivals}},
        "sides": table,
    }
    publish("train_speed", bars, results)


def _row(side: Side, turns: Sequence[Turn], batch: int) -> dict[str, Any]:
    rates = [turn.iterations / turn.processor_s for turn in turns]
    return {
        "weights": side.weights,
        "iterations_per_processor_s": median(rates),
        "lowest_and_highest": [min(rates), max(rates)],
        "images_per_processor_s": 2 * batch * median(rates),
        "iterations_per_s": median(turn.iterations / turn.wall_s for turn in turns),
    }


def rival_commit(folder: Path | None) -> str:
    """The rival's commit; empty where none was given."""
    if folder is None:
        return ""
    asked = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    return f"deepfakes/faceswap@{done.stdout.strip()}"


if __name__ == "__main__":
    main()
