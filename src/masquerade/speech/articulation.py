"""How one person's mouth moves with what they say: learned from their own footage in seconds.

Kernel ridge regression (Saunders, Gammerman and Vovk, 1998) with a kernel of Matern's (rougher than
a Gaussian: lips start and stop) from what is heard within a fifth of a second to the numbers of a
mouth's shape. From two minutes of a person it
does as well as a recurrent network, has no random start, and is solved in one step.

A smile, or a jaw that hangs, has nothing to do with what is said. It changes within seconds, not
within sounds, so a second kernel, over time, takes it off what is learned (a Gaussian process of
two parts, Rasmussen and Williams, 2006). What it was in a stretch of footage can be told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.speech.heard import STEP_S, Heard

Floats = NDArray[np.float32]

LEAST: Final = 40
"""Frames of somebody talking, below which nothing can be learned."""
MOST: Final = 4000
"""Frames that are learned from; of more, every so manieth."""
_KEPT: Final = 64  # components of a kind of features
_REACH: Final = {"mel": (10, 0.06), "early": (10, 0.06), "late": (10, 0.05)}  # rows, seconds
_WEIGHT: Final = {"mel": 1.4, "early": 1.4, "late": 0.4}  # in squared distances: lips follow sounds
_NARROW: Final = 1.5  # of the kernel, in medians of the squared distance
_RIDGE: Final = 0.15
_HELD: Final = 0.3  # variance of how a mouth is held, beside 1 of what is said
_HELD_S: Final = 3.0  # over which that changes
_TOLD_S: Final = 1.5  # of footage around a moment, by which it is told how a mouth is held there,
_DOUBT: Final = 10.0  # as if so many frames had shown it to be held as usual
_LOOKED_AT: Final = 1500  # frames by which it is told


@dataclass(frozen=True, slots=True)
class Lesson:
    """A stretch of footage: what was heard, and the mouth's shape at some of its times.

    Attributes:
        heard: The sound.
        times_s: (n,) seconds on the clock of the sound.
        shapes: (n, k) float32.
    """

    heard: Heard
    times_s: NDArray[np.float64]
    shapes: Floats


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of features is brought into the kernel."""

    mean: Floats
    along: Floats
    centre: Floats
    scale: float


@dataclass(frozen=True, slots=True)
class Articulation:
    """A person's way of moving the mouth.

    Attributes:
        known: (n, d) float32 what was heard in the footage.
        weights: (n, k) float32 what each of these moments has to say.
        middle: (k,) float32 the mouth's usual shape.
        width: Squared distance over which moments are alike.
        kinds: By kind of feature, how it is brought into `known`.
    """

    known: Floats
    weights: Floats
    middle: Floats
    width: float
    kinds: dict[str, _Kind]

    @classmethod
    def learned(cls, lessons: Sequence[Lesson]) -> Articulation:
        """What lessons teach.

        Raises:
            InputError: They are too short.
        """
        total = sum(len(one.times_s) for one in lessons)
        if total < LEAST:
            raise InputError(
                f"{total} frames of somebody talking",
                f"at least {LEAST}, best two minutes",
                "add footage of the same person with --footage",
            )
        step = -(-total // MOST)
        lessons = [Lesson(one.heard, one.times_s[::step], one.shapes[::step]) for one in lessons]
        kinds = {name: _kind(name, lessons) for name in _REACH}
        known = np.concatenate([_seen(kinds, one.heard, one.times_s) for one in lessons])
        shapes = np.concatenate([one.shapes for one in lessons])
        square = _square(known, known)
        width = float(np.median(square)) / _NARROW
        kernel = _alike(square, width) + _held_alike(lessons)
        kernel[np.diag_indices(len(kernel))] += _RIDGE
        middle = shapes.mean(axis=0)
        weights = np.linalg.solve(kernel, shapes - middle)
        return cls(known, weights.astype(np.float32), middle, width, kinds)

    def __call__(self, heard: Heard, times_s: NDArray[np.float64]) -> Floats:
        """(n, k) float32 the mouth's shape at these times on the clock of the sound.

        Rounded to thousandths of a deviation, so that last bits, which may depend on how a
        processor shares out a sum, do not show.
        """
        made = [
            _alike(_square(_seen(self.kinds, heard, some), self.known), self.width) @ self.weights
            for some in _parts(times_s)
        ]
        whole = np.concatenate([np.zeros((0, len(self.middle)), np.float32), *made]) + self.middle
        return np.asarray(np.round(whole, 3), np.float32)

    def posture(self, lesson: Lesson, times_s: NDArray[np.float64]) -> Floats:
        """(n, k) float32 how the mouth is held in footage, besides what is said there.

        It is what shapes differ from what is heard, averaged over seconds; before the footage and
        after it, as at its ends.

        Args:
            lesson: The footage, whether it was learned from or not.
            times_s: (n,) seconds on the clock of its sound.
        """
        step = max(1, -(-len(lesson.times_s) // _LOOKED_AT))
        known_s, shapes = lesson.times_s[::step], lesson.shapes[::step]
        if not len(known_s):
            return np.zeros((len(times_s), len(self.middle)), np.float32)
        besides = shapes - self(lesson.heard, known_s)
        made = [np.zeros((0, len(self.middle)))]
        for some in _parts(np.clip(times_s, known_s[0], known_s[-1])):
            near = step * np.exp(-0.5 * ((some[:, None] - known_s) / _TOLD_S) ** 2)
            made.append(near @ besides / (near.sum(axis=1, keepdims=True) + _DOUBT))
        return np.asarray(np.round(np.concatenate(made), 3), np.float32)


def held_out(lessons: Sequence[Lesson], folds: int = 4) -> tuple[Floats, Floats]:
    """(n, k) shapes said of stretches that were not learned from, and (n, k) the true ones.

    Args:
        lessons: As for `Articulation.learned`.
        folds: Stretches of time, of which each is left out once.

    Raises:
        InputError: They are too short.
    """
    said, true = [], []
    for fold in range(folds):
        taught, asked = [], []
        for one in lessons:
            place = np.arange(len(one.times_s)) * folds // max(len(one.times_s), 1)
            out = place == fold
            taught.append(Lesson(one.heard, one.times_s[~out], one.shapes[~out]))
            asked.append(Lesson(one.heard, one.times_s[out], one.shapes[out]))
        articulation = Articulation.learned(taught)
        said += [articulation(one.heard, one.times_s) for one in asked]
        true += [one.shapes for one in asked]
    return np.concatenate(said), np.concatenate(true)


def _held_alike(lessons: Sequence[Lesson]) -> Floats:
    """(n, n) how much the mouth is held alike in two frames: near in time, of one footage."""
    times_s = np.concatenate([one.times_s for one in lessons])
    of = np.repeat(np.arange(len(lessons)), [len(one.times_s) for one in lessons])
    away = (times_s[:, None] - times_s).astype(np.float32) / np.float32(_HELD_S)
    alike = np.float32(_HELD) * np.exp(-0.5 * away * away)
    return np.asarray(alike * (of[:, None] == of), np.float32)


def _kind(name: str, lessons: Sequence[Lesson]) -> _Kind:
    rows = np.concatenate([getattr(one.heard, name) for one in lessons]).astype(np.float64)
    mean = rows.mean(axis=0)
    _, along = np.linalg.eigh((rows - mean).T @ (rows - mean))
    directions = along[:, ::-1][:, :_KEPT].astype(np.float32)
    plain = _Kind(mean.astype(np.float32), directions, np.zeros(1, np.float32), 1.0)
    spread = np.concatenate([_around(name, plain, one.heard, one.times_s) for one in lessons])
    centre = spread.mean(axis=0)
    scale = float(np.sqrt(((spread - centre) ** 2).sum(axis=1).mean())) or 1.0
    return _Kind(plain.mean, plain.along, centre, scale)


def _seen(kinds: dict[str, _Kind], heard: Heard, times_s: NDArray[np.float64]) -> Floats:
    """(n, d) what is heard around these times, each kind of features with its weight."""
    parts = [
        np.float32(np.sqrt(_WEIGHT[name])) * _around(name, kind, heard, times_s)
        for name, kind in kinds.items()
    ]
    return np.concatenate(parts, axis=1)


def _around(name: str, kind: _Kind, heard: Heard, times_s: NDArray[np.float64]) -> Floats:
    """(n, d) one kind of features around these times, what is further away weighing less."""
    rows = (getattr(heard, name) - kind.mean) @ kind.along
    reach, sigma_s = _REACH[name]
    if not len(rows):
        wide = (2 * reach + 1) * rows.shape[1]
        flat = np.zeros((len(times_s), wide), np.float32)
        return np.asarray((flat - kind.centre) / kind.scale, np.float32)
    offsets = np.arange(-reach, reach + 1) * float(STEP_S)
    place = (times_s[:, None] + offsets - heard.start_s) / float(STEP_S)
    place = np.clip(place, 0, len(rows) - 1)
    low = np.minimum(place.astype(np.intp), max(len(rows) - 2, 0))
    share = (place - low).astype(np.float32)[..., None]
    high = np.minimum(low + 1, len(rows) - 1)
    taken = rows[low] + share * (rows[high] - rows[low])
    fade = np.exp(-0.5 * (offsets / sigma_s) ** 2).astype(np.float32)
    flat = (taken * fade[:, None]).reshape(len(times_s), -1)
    return np.asarray((flat - kind.centre) / kind.scale, np.float32)


def _alike(square: Floats, width: float) -> Floats:
    """Matern's kernel of 3/2 of squared distances."""
    away = np.sqrt(np.float32(3 / width) * square)
    return np.asarray((1 + away) * np.exp(-away), np.float32)


def _square(some: Floats, others: Floats) -> Floats:
    """(n, m) squared distances."""
    sums = (some * some).sum(axis=1)[:, None] + (others * others).sum(axis=1)
    return np.asarray(np.maximum(sums - 2 * some @ others.T, 0), np.float32)


def _parts(times_s: NDArray[np.float64]) -> Iterable[NDArray[np.float64]]:
    """The times in handfuls, so that hours of speech need no more memory than minutes."""
    return (times_s[first : first + 1000] for first in range(0, len(times_s), 1000))
