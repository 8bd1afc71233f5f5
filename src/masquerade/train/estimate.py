"""What a training will take: tried on this device before it starts, for a few iterations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import psutil
import torch

from masquerade.errors import UsageError
from masquerade.models.swap_shape import SwapShape
from masquerade.train.augment import CHANNELS, Amounts, Draws
from masquerade.train.image_features import ImageFeatures
from masquerade.train.learner import Precision
from masquerade.train.loader import Batch
from masquerade.train.options import TrainOptions
from masquerade.train.schedule import PHASES
from masquerade.train.team import Team
from masquerade.train.trainer import SwapTrainer

_USABLE: Final = 0.8  # of the free memory
_LOOK_S: Final = 0.005
_TRIED: Final = 2  # iterations, after one to warm up


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found out.

    Attributes:
        batch: Pictures of each person in an iteration, of all processes together.
        precision: Numbers that the network computes with.
        iteration_s: Seconds an iteration, the mean over the schedule.
        memory_mb: Megabytes of the device that one process takes.
        weights: Numbers in the network.
    """

    batch: int
    precision: Precision
    iteration_s: float
    memory_mb: float
    weights: int

    @property
    def checkpoint_mb(self) -> float:
        """Megabytes of one checkpoint: weights, their average, and two moments of each."""
        return self.weights * 4 * 4 / 1e6


def estimate(
    shape: SwapShape,
    options: TrainOptions,
    *,
    batch: int,
    team: Team,
    features: ImageFeatures | None,
    progress: Callable[[str, int, int], None],
    stopped: Callable[[], bool] = bool,
) -> Estimate | None:
    """What a training will take, its batch as large as fits; None: stopped on request.

    Args:
        shape: Of the network.
        options: Of the training; a batch that is named there is tried and not made smaller.
        batch: That is wished for, of all processes together.
        team: The processes.
        features: Compared in the later phases, where they are.
        progress: Told (what, done, in all).
        stopped: Whether it was asked for an end, looked at between iterations.

    Raises:
        UsageError: Not even the smallest batch fits, or not the one that was named.
    """
    share = max(1, (options.batch or batch) // team.size)
    while True:
        progress(f"trying a batch of {share * team.size}", 0, 0)
        room = _free_mb(team.device)
        try:
            found = _fastest(shape, options, share, team, features, stopped)
            fits = found.memory_mb <= _USABLE * room
        except torch.OutOfMemoryError:
            found, fits = None, False
        if team.agreed(stopped()):
            return None
        if not team.agreed(not fits) and found is not None:
            return found
        if share == 1 or options.batch:
            raise UsageError(
                f"{shape.side} px and a batch of {share * team.size} do not fit into"
                f" {_USABLE * room:.0f} MB on {team.device}",
                "a smaller network or batch",
                "choose a smaller --preset, --side or --batch",
            )
        share = max(1, share // 2)


def _fastest(
    shape: SwapShape,
    options: TrainOptions,
    share: int,
    team: Team,
    features: ImageFeatures | None,
    stopped: Callable[[], bool],
) -> Estimate:
    """At the precision that was asked for; else at the one this device is fastest with."""
    wanted: tuple[Precision, ...] = ("bf16", "fp32")
    if options.precision != "auto":
        wanted = (options.precision,)
    elif team.device.type == "cuda":
        has = torch.cuda.is_bf16_supported(including_emulation=False)
        wanted = ("bf16",) if has else ("fp16",)
    found = [_tried(shape, options, share, team, features, one, stopped) for one in wanted]
    if len(found) == 1:
        return found[0][0]
    # By processor time: other programs' work is none of a precision's.
    return found[team.agreed(found[0][1] > found[1][1])][0]


def _tried(
    shape: SwapShape,
    options: TrainOptions,
    share: int,
    team: Team,
    features: ImageFeatures | None,
    precision: Precision,
    stopped: Callable[[], bool],
) -> tuple[Estimate, float]:
    """The estimate at a precision, and the processor seconds that it took."""
    alone = Team(team.device)  # whoever trains with it waits for nobody here
    began = time.process_time()
    with _Memory(team.device) as memory:
        iteration_s, weights = _timed(shape, options, share, alone, features, precision, stopped)
    found = Estimate(share * team.size, precision, iteration_s, memory.most_mb, weights)
    return found, time.process_time() - began


def _timed(
    shape: SwapShape,
    options: TrainOptions,
    share: int,
    team: Team,
    features: ImageFeatures | None,
    precision: Precision,
    stopped: Callable[[], bool],
) -> tuple[float, int]:
    """Seconds an iteration, the mean over the schedule, and how many weights there are.

    Once stopped, no further iteration is tried, and the seconds count for nothing.
    """
    trainer = SwapTrainer(shape, options, precision=precision, team=team, features=features)
    pictures = torch.zeros(
        2 * share, CHANNELS, shape.side, shape.side, dtype=torch.uint8, device=team.device
    )
    batch = Batch(pictures, Draws.of(range(2 * share), Amounts()))
    total = 0.0
    for phase in PHASES:
        began = time.perf_counter()
        for seed in range(-1, _TRIED):
            if stopped():
                break
            trainer.learn(batch, phase, seed=max(0, seed))
            if seed < 0:  # to warm up
                _finish(team.device)
                began = time.perf_counter()
        _finish(team.device)
        total += phase.share * (time.perf_counter() - began) / _TRIED
    return total, sum(one.numel() for one in trainer.learner.network.parameters())


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _free_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] / 1e6
    return psutil.virtual_memory().available / 1e6


class _Memory:
    """The most memory that a block took, looked at every few milliseconds on a processor."""

    def __init__(self, device: torch.device) -> None:
        self.most_mb = 0.0
        self._device, self._over = device, threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device) / 1e6
        else:
            self._before = _resident_mb()
            self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._device.type != "cuda":  # a short trial may end before the first look
            self.most_mb = max(self.most_mb, _resident_mb() - self._before)
        if self._device.type == "cuda":
            most = torch.cuda.max_memory_allocated(self._device) / 1e6
            self.most_mb = most - self._before
        else:
            self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            self.most_mb = max(self.most_mb, _resident_mb() - self._before)


def _resident_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6
