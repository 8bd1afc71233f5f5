"""Pairs that a detector learns from: a real face, and the same face manipulated.

People who do not exist were made by a network, and are neither: of a picture of theirs that was
left as it was, and of what was made of it, it is told alone which of both is the manipulated one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB
from train.face_forgeries import forged
from train.face_material import Picture
from train.face_neural import Redrawer
from train.face_seen import as_before, both_seen, touched
from train.face_swapped import Swapped

_VOLUNTEERS: Final = 0.12
_SWAPPED: Final = 0.4
_BEFORE: Final = 0.6
"""Of the pictures, how many had been stored before they were manipulated, beside as found."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is learnt from.

    Attributes:
        people: Pictures of each person but the volunteers.
        volunteers: Pictures of these.
        others: Faces that may be put into volunteers' pictures.
        swapped: Pictures of volunteers, and of people who do not exist, with our own swaps of them.
        redrawer: Draws faces again, if it is there.
        unaltered: Whether nothing is made of pictures of `people`. Then people who do not exist are
            manipulated in their place.
    """

    people: tuple[tuple[Picture, ...], ...]
    volunteers: tuple[Picture, ...]
    others: tuple[Picture, ...]
    swapped: tuple[Swapped, ...] = ()
    redrawer: Redrawer | None = None
    unaltered: bool = False

    @classmethod
    def of(
        cls,
        pictures: Sequence[Picture],
        others: Sequence[Picture],
        swapped: Sequence[Swapped],
        redrawer: Redrawer | None = None,
        *,
        unaltered: bool = False,
    ) -> Known:
        """Sorted by person.

        Args:
            pictures: Real ones.
            others: As in `Known`.
            swapped: As in `Known`.
            redrawer: As in `Known`.
            unaltered: As in `Known`.
        """
        names = sorted({one.person for one in pictures if not one.volunteer})
        people = tuple(tuple(one for one in pictures if one.person == name) for name in names)
        volunteers = tuple(one for one in pictures if one.volunteer)
        return cls(people, volunteers, tuple(others), tuple(swapped), redrawer, unaltered)

    def pair(self, seed: int, number: int) -> Pair:
        """A real face and the same manipulated, cut out after the same way.

        Args:
            seed: Of the training.
            number: Of the pair; both decide everything.
        """
        rng = np.random.default_rng((seed, number))
        chance = rng.random()
        way = int(rng.integers(1 << 32))
        if self.swapped and chance < _SWAPPED:
            swap = self.swapped[int(rng.integers(len(self.swapped)))]
            return _seen(swap.picture, swap.fake, way)
        some = self.volunteers
        if not some or ((self.people or self.unaltered) and chance >= _SWAPPED + _VOLUNTEERS):
            some = self._anybody(rng)
        one = some[int(rng.integers(len(some)))]
        twins = [other for other in some if other is not one and other.person == one.person]
        twin = twins[int(rng.integers(len(twins)))] if twins else None
        if rng.random() < _BEFORE:
            one = as_before(one, rng)
        return _seen(one, forged(one, rng, self.others, twin=twin, redrawer=self.redrawer), way)

    def _anybody(self, rng: np.random.Generator) -> tuple[Picture, ...]:
        """Pictures of somebody who is no volunteer; of those who do not exist if none else may."""
        if self.unaltered:
            return self.others
        return self.people[int(rng.integers(len(self.people)))]


@dataclass(frozen=True, slots=True)
class Pair:
    """A real face and the same manipulated, as examinations cut them out.

    Attributes:
        real: (256, 256, 3) uint8.
        fake: The same.
        touched: (12, 12) uint8, which parts of it were manipulated.
        told: Whether it is told what each is, not only which of both is manipulated.
    """

    real: RGB
    fake: RGB
    touched: NDArray[np.uint8]
    told: bool = True


def _seen(one: Picture, fake: RGB, way: int) -> Pair:
    return Pair(*both_seen(one, fake, way), touched(one, fake, way), one.exists)
