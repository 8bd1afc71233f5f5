"""A person enrolled from their own footage, and what a questioned video has of them.

The face is told by the distance of embeddings, the way of moving by how far the pattern of
`masquerade.forensics.movement` lies from the person's own. How far they lie themselves is measured
on occasions left out, one at a time; how far others do, on a background of volunteers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.movement import BLOCK_S, MOVEMENTS, PAIRS, pair_words, windows
from masquerade.types import Embedding

Floats = NDArray[np.float64]

BLOCK: Final = len(MOVEMENTS) * (len(MOVEMENTS) + 1) // 2
"""Numbers that tell of one block of movement."""
MOST_BLOCKS: Final = 4
"""Blocks of the longest window, of ten seconds, which the paper takes."""
LEAST_OCCASIONS: Final = 3
LEAST_S: Final = 600.0
LEAST_OTHERS: Final = 20
_PARTS: Final = 4  # of the only occasion, left out in turn
_OWN: Final = 0.95  # share of their own windows that lie nearer than what counts as unlike
_LEAST_OWN: Final = 5  # windows of their own below which nothing is said of movement


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is kept of one occasion on which a person was filmed; no picture and no sound.

    Attributes:
        embeddings: (k, 128) float32 identities, one for each stretch.
        blocks: (b, 210) float64 how they moved, from `masquerade.forensics.movement.blocks`.
    """

    embeddings: NDArray[np.float32]
    blocks: Floats

    @property
    def length_s(self) -> float:
        """How long their movement was seen."""
        return len(self.blocks) * BLOCK_S


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was enrolled.

    Attributes:
        name: As the user calls them.
        consent: Id of the consent record that it rests on.
        sha256: Of the file.
        occasions: At least one.
    """

    name: str
    consent: str
    sha256: str
    occasions: tuple[Occasion, ...]

    @property
    def length_s(self) -> float:
        """How long their movement was seen, all occasions together."""
        return sum(one.length_s for one in self.occasions)

    @property
    def identity(self) -> Embedding:
        """(128,) the mean of the occasions' mean embeddings."""
        means = [one.embeddings.mean(axis=0) for one in self.occasions]
        return np.asarray(np.mean(means, axis=0), np.float32)

    def lacks(self) -> tuple[str, ...]:
        """What there is too little of to weigh how somebody moves, a clause each."""
        found = []
        if len(self.occasions) < LEAST_OCCASIONS:
            found.append(f"{len(self.occasions)} of {LEAST_OCCASIONS} occasions")
        if self.length_s < LEAST_S:
            found.append(f"{self.length_s / 60:.1f} of {LEAST_S / 60:.0f} minutes")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a face's way of moving lies from a person's.

    Attributes:
        apart: (w,) distance of each window, in what is the limit of nineteen in twenty of the
            person's own windows.
        own: (n,) the same of the person's own windows on occasions left out.
        others: (p,) the same of other people, the median of each; empty where none are known at
            this length.
        window_s: Length of a window.
        unlike: The pairs of movements that differ most, in words.
    """

    apart: Floats
    own: Floats
    others: Floats
    window_s: float
    unlike: tuple[str, ...]

    @property
    def figure(self) -> float:
        """Median over windows; above 1 where it is unlike the person."""
        return float(np.median(self.apart))


def moved(person: Person, seen: Floats) -> Moved | None:
    """How far movement lies from a person's; None where too little is known of either.

    Windows are as long as both allow, up to `MOST_BLOCKS`.

    Args:
        person: Who was enrolled.
        seen: (b, 210) blocks of a questioned video.
    """
    sizes = range(min(MOST_BLOCKS, len(seen)), 0, -1)
    tried = ((size, _held_out(person, size)) for size in sizes)
    count, held_out = next((one for one in tried if len(one[1]) >= _LEAST_OWN), (0, np.zeros(0)))
    if not count:
        return None
    limit = float(np.quantile(held_out, _OWN))
    mean = _mean([one.blocks for one in person.occasions], count)
    asked = windows(seen, count)
    found = [windows(blocks, count) for blocks in background()]
    others = np.array([np.median(_apart(some, mean)) for some in found if len(some)])
    beyond = np.abs(asked.mean(axis=0) - mean)
    unlike = tuple(pair_words(int(number)) for number in np.argsort(-beyond)[:2])
    return Moved(
        _apart(asked, mean) / limit, held_out / limit, others / limit, count * BLOCK_S, unlike
    )


@cache
def background() -> tuple[Floats, ...]:
    """(b, 210) blocks of each of the other people that are known, none of them named."""
    place = files("masquerade.forensics").joinpath("calibrations/movements.npz")
    with place.open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        blocks, people = stored["blocks"].astype(np.float64), stored["people"]
    return tuple(blocks[people == one] for one in np.unique(people))


def _held_out(person: Person, count: int) -> Floats:
    """(n,) distance of the person's own windows to the mean of occasions they are not of."""
    parts = [one.blocks for one in person.occasions if len(one.blocks) >= count]
    if len(parts) == 1:
        parts = [part for part in np.array_split(parts[0], _PARTS) if len(part) >= count]
    if len(parts) < 2:
        return np.zeros(0)
    return np.concatenate(
        [
            _apart(windows(part, count), _mean([*parts[:number], *parts[number + 1 :]], count))
            for number, part in enumerate(parts)
        ]
    )


def _mean(parts: Sequence[Floats], count: int) -> Floats:
    """(190,) mean pattern, every part counting alike."""
    means = [some.mean(axis=0) for part in parts if len(some := windows(part, count))]
    return np.asarray(np.mean(means, axis=0) if means else np.zeros(PAIRS))


def _apart(some: Floats, mean: Floats) -> Floats:
    """(w,) root mean square difference of patterns to a mean one."""
    return np.asarray(np.sqrt(((some - mean) ** 2).mean(axis=1)))
