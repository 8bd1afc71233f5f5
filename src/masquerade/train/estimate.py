"""What a training will take: tried on this device before it starts, for a few iterations."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, Self

import numpy as np
import psutil
import torch

from masquerade.errors import UsageError
from masquerade.train.cost import Cost, Precision
from masquerade.train.learner import Learner
from masquerade.train.options import Learning
from masquerade.train.run import B, B_contra, Trainer
from masquerade.train.schedule import Phase
from masquerade.train.team import Team

_USABLE: Final = 0.8  # of the free memory
_LOOK_S: Final = 0.005
_TRIED: Final = 2  # iterations, after one to warm up
_LONG_S: Final = 4.0  # after which one is enough
_ON_PROCESSORS: Final[tuple[Precision, Precision]] = ("bf16", "fp32")


class Trial(Protocol[B]):
    """A kind of training of which a few iterations are tried."""

    @property
    def side(self) -> int:
        """Width and height of its pictures in pixels."""
        ...

    def trainer(self, precision: Precision) -> Tried[B]:
        """What is trained, at a precision, by this process alone."""
        ...

    def batch(self, share: int) -> B:
        """So many pictures of each person."""
        ...

    def kind(self, phase: Phase) -> tuple[bool, ...]:
        """What an iteration's time hangs on: phases that are alike in it are tried once."""
        ...


class Tried(Trainer[B_contra], Protocol[B_contra]):
    """What is trained, and the network that learns."""

    learner: Learner[Any]


def tried(
    kind: Trial[B],
    options: Learning,
    *,
    batch: int,
    team: Team,
    progress: Callable[[str, int, int], None],
    stopped: Callable[[], bool] = bool,
    phases: Sequence[Phase],
) -> Cost | None:
    """What a training will take, its batch as large as fits; None: stopped on request.

    Args:
        kind: Of training.
        options: How it is trained; a batch that is named there is tried and not made smaller.
        batch: That is wished for, of all processes together.
        team: The processes.
        progress: Told (what, done, in all).
        stopped: Whether it was asked for an end, looked at between iterations.
        phases: Of its schedule.

    Raises:
        UsageError: Not even the smallest batch fits, or not the one that was named.
    """
    share = max(1, (options.batch or batch) // team.size)
    while True:
        room = _free_mb(team.device)
        trial = _Trial(kind, options, share, team, progress, stopped, phases)
        try:
            found = trial.fastest()
            fits = found.memory_mb <= _USABLE * room
        except torch.OutOfMemoryError:
            found, fits = None, False
        if team.agreed(stopped()):
            return None
        if not team.agreed(not fits) and found is not None:
            return found
        if share == 1 or options.batch:
            raise UsageError(
                f"{kind.side} px and a batch of {share * team.size} do not fit into"
                f" {_USABLE * room:.0f} MB on {team.device}",
                "a smaller network or batch",
                "choose a smaller --preset, --side or --batch",
            )
        share = max(1, share // 2)


@dataclass(frozen=True, slots=True)
class _Trial(Generic[B]):
    """Iterations that are tried with a batch; `share` of it is this process's."""

    trial: Trial[B]
    options: Learning
    share: int
    team: Team
    progress: Callable[[str, int, int], None]
    stopped: Callable[[], bool]
    phases: Sequence[Phase]

    def fastest(self) -> Cost:
        """At the precision that was asked for; else at the one this device is fastest with."""
        if self.options.precision != "auto":
            return self._cost(self.options.precision)
        if self.team.device.type == "cuda":
            has = torch.cuda.is_bf16_supported(including_emulation=False)
            return self._cost("bf16" if has else "fp16")
        # By processor time: other programs' work is none of a precision's.
        half, full = (self._timed(one, self.phases[:1])[0].processor_s for one in _ON_PROCESSORS)
        return self._cost(_ON_PROCESSORS[self.team.agreed(half > full)])

    def _cost(self, precision: Precision) -> Cost:
        """What each of the phases takes, at a precision."""
        with _Memory(self.team.device) as memory:
            took, weights = self._timed(precision, self.phases)
        return Cost(
            self.share * self.team.size,
            precision,
            took.wall_s,
            memory.most_mb,
            weights,
            self.team.device.type,
            self.team.size,
        )

    def _timed(self, precision: Precision, phases: Sequence[Phase]) -> tuple[_Took, int]:
        """Seconds an iteration, the mean over these phases, and how many weights there are."""
        trainer = self.trial.trainer(precision)
        kinds = [self.trial.kind(phase) for phase in phases]
        took: dict[tuple[bool, ...], _Took] = {}
        for phase, kind in zip(phases, kinds, strict=True):
            if kind not in took:
                what = f"trying {precision}, batch of {self.share * self.team.size}"
                self.progress(what, len(took), len(set(kinds)))
                took[kind] = self._tried(trainer, phase)
        shares = np.array([phase.share for phase in phases])
        each = np.array([(took[kind].wall_s, took[kind].processor_s) for kind in kinds])
        weights = sum(one.numel() for one in trainer.learner.network.parameters())
        return _Took(*(shares @ each / shares.sum()).tolist()), weights

    def _tried(self, trainer: Tried[B], phase: Phase) -> _Took:
        """Seconds an iteration; once stopped, no further one is tried, and they count nothing."""
        device, batch = self.team.device, self.trial.batch(self.share)
        if not self.stopped():
            trainer.learn(batch, phase, seed=0)  # to warm up
            _finish(device)
        began, spent, worked = time.perf_counter(), 0.0, [math.inf]
        while len(worked) <= _TRIED and not self.stopped():
            before = time.process_time()
            trainer.learn(batch, phase, seed=len(worked))
            _finish(device)
            worked.append(time.process_time() - before)
            spent = time.perf_counter() - began
            if spent > _LONG_S:
                break
        return _Took(spent / max(1, len(worked) - 1), min(worked) if spent else 0.0)


@dataclass(frozen=True, slots=True)
class _Took:
    """Seconds an iteration: by the clock, their mean; of the processor, those of the quickest.

    Threads that wait for each other on a busy machine take processor time too, and one precision's
    iterations more of it than the other's: the quickest iteration has least of that in it.
    """

    wall_s: float
    processor_s: float


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
