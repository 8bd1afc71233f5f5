"""Batches for the device, made ready ahead of it, the same ones for the same seed and place.

What an iteration is given hangs on the seed and the iteration's number alone: a training that goes
on later, or in several processes, sees what one long run in one process would have seen.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.errors import InputError
from masquerade.faces.trained_face import FACE_CHANNELS, cut
from masquerade.train.augment import Amounts, Draws
from masquerade.train.facesets.schema import FaceBatch
from masquerade.train.team import Team

LEAST: Final = 8
"""Faces of a person without which nothing is learned."""
_AHEAD: Final = 3  # batches that wait
_AT_ONCE: Final = 64  # faces read in one go
_HELD: Final = 0.3  # of the free memory, for pictures that are kept ready
_CHECKED: Final = 0.05  # of the faces, never trained on, to check with
_MOST_CHECKED: Final = 32


class FaceSource(Protocol):
    """Where faces are read from; a `masquerade.train.facesets.faceset.Faceset` is one."""

    def __len__(self) -> int: ...

    def batch(self, indices: Sequence[int]) -> FaceBatch:
        """Pictures, masks and landmarks of these faces."""
        ...


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of one person, as the network takes them.

    Attributes:
        trained: Which of them are trained on.
        checked: Which are kept to check with.
        read: Gives (n, 5, S, S) uint8 of those asked for.
    """

    trained: NDArray[np.int64]
    checked: NDArray[np.int64]
    read: Callable[[NDArray[np.int64]], Tensor]

    @classmethod
    def of(
        cls, source: FaceSource, name: str, side: int, *, progress: Callable[[str, int, int], None]
    ) -> Self:
        """The faces of a faceset, kept ready in memory where there is room for them.

        Args:
            source: Where they are.
            name: What messages call it.
            side: Width and height of the network's pictures in pixels.
            progress: Told (what, done, in all).

        Raises:
            InputError: There are too few, or one is damaged.
        """
        count = len(source)
        check_count(name, count)
        held = max(1, min(_MOST_CHECKED, round(_CHECKED * count)))
        # Neighbours in a video are alike, so those to check with are its end.
        order = np.arange(count)
        trained, checked = order[:-held], order[-held:]
        if count * FACE_CHANNELS * side**2 > _HELD * psutil.virtual_memory().available:
            return cls(trained, checked, lambda wanted: _read(source, wanted, side))
        stored = torch.empty(count, FACE_CHANNELS, side, side, dtype=torch.uint8)
        parts = [order[at : at + _AT_ONCE] for at in range(0, count, _AT_ONCE)]
        with ThreadPoolExecutor(2) as pool:
            made = pool.map(lambda part: _read(source, part, side), parts)
            for part, pictures in zip(parts, made, strict=True):
                stored[part] = pictures
                progress(f"reading {name}", int(part[-1]) + 1, count)
        return cls(trained, checked, lambda wanted: stored[wanted])


@dataclass(frozen=True, slots=True)
class Batch:
    """One iteration's pictures, those of everybody, on the device.

    Attributes:
        pictures: (n B, C, S, S) uint8: those of n people, of a swap (2 B, 5, S, S).
        draws: How they are to be changed.
    """

    pictures: Tensor
    draws: Draws


@dataclass(slots=True)
class Loader:
    """Gives batch after batch, made by threads while the device works on those before.

    Attributes:
        people: The faces of each; of a swap the source's, then the target's.
        amounts: How far pictures are changed.
        batch: Pictures of each person in all processes together.
        seed: What chance begins with.
        team: The processes.
        waited_s: How long the device had to wait, in all.
    """

    people: tuple[Faces, ...]
    amounts: Amounts
    batch: int
    seed: int
    team: Team
    waited_s: float = 0.0
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    _waiting: deque[Future[Batch]] = field(default_factory=deque)

    def batches(self, first: int) -> Iterator[Batch]:
        """Batches from an iteration on, without end.

        Args:
            first: The iteration's number.
        """
        self._drop()
        step = first
        while True:
            while len(self._waiting) < _AHEAD:
                self._waiting.append(self._pool.submit(self.make, step))
                step += 1
            began = time.perf_counter()
            made = self._waiting.popleft().result()
            self.waited_s += time.perf_counter() - began
            yield made

    def make(self, step: int) -> Batch:
        """The batch of one iteration, this process's share of it."""
        share = self.team.share(self.batch)
        pictures, seeds = [], []
        for number, faces in enumerate(self.people):
            pictures.append(faces.read(self._chosen(faces, number, step)[share]))
            places = step * self.batch + np.arange(self.batch)[share]
            seeds += [_mixed(self.seed, 2 + number, int(place)) for place in places]
        joined = torch.cat(pictures)
        if self.team.device.type == "cuda":
            joined = joined.pin_memory().to(self.team.device, non_blocking=True)
        return Batch(joined, Draws.of(seeds, self.amounts))

    def close(self) -> None:
        """Stop the threads."""
        self._drop()
        self._pool.shutdown(cancel_futures=True)

    def _drop(self) -> None:
        while self._waiting:
            self._waiting.popleft().cancel()

    def _chosen(self, faces: Faces, person: int, step: int) -> NDArray[np.int64]:
        """(batch,) faces of an iteration: each comes once before any comes again."""
        count = len(faces.trained)
        rounds, places = np.divmod(step * self.batch + np.arange(self.batch), count)
        chosen = np.empty(self.batch, np.int64)
        for one in np.unique(rounds):
            order = np.random.default_rng([self.seed, person, int(one)]).permutation(faces.trained)
            chosen[rounds == one] = order[places[rounds == one]]
        return chosen


def check_count(name: str, count: int) -> None:
    """Passes when there are enough faces to learn anything from.

    Args:
        name: What messages call the faceset.
        count: How many it holds.

    Raises:
        InputError: There are too few.
    """
    if count < LEAST:
        raise InputError(
            f"{name} holds {count or 'no'} face{'s' * (count != 1)}",
            f"at least {LEAST}, for a good swap some hundreds",
            "build it anew from more videos and photos; `masquerade faceset inspect` says what is"
            " missing",
        )


def _read(source: FaceSource, wanted: NDArray[np.int64], side: int) -> Tensor:
    """(n, 5, side, side) uint8."""
    found = source.batch(wanted.tolist())
    rows = [
        cut(pixels, landmarks, side, mask=mask)
        for pixels, landmarks, mask in zip(found.pixels, found.landmarks, found.masks, strict=True)
    ]
    return torch.from_numpy(np.stack(rows).transpose(0, 3, 1, 2).copy())


def _mixed(*parts: int) -> int:
    """One seed out of several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
