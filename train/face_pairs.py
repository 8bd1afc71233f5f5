"""Pairs that a detector learns from: a real face, and the same face manipulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.types import RGB
from train.face_forgeries import forged
from train.face_material import Picture
from train.face_seen import both_seen
from train.face_swapped import Swapped

_VOLUNTEERS: Final = 0.12
_SWAPPED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Known:
    """What is learnt from.

    Attributes:
        people: Pictures of each person but the volunteers.
        volunteers: Pictures of these.
        others: Faces that may be put into volunteers' pictures.
        swapped: Volunteers' pictures with our own swaps of them.
    """

    people: tuple[tuple[Picture, ...], ...]
    volunteers: tuple[Picture, ...]
    others: tuple[Picture, ...]
    swapped: tuple[Swapped, ...] = ()

    @classmethod
    def of(
        cls, pictures: Sequence[Picture], others: Sequence[Picture], swapped: Sequence[Swapped]
    ) -> Known:
        """Sorted by person.

        Args:
            pictures: Real ones.
            others: As in `Known`.
            swapped: As in `Known`.
        """
        names = sorted({one.person for one in pictures if not one.volunteer})
        people = tuple(tuple(one for one in pictures if one.person == name) for name in names)
        volunteers = tuple(one for one in pictures if one.volunteer)
        return cls(people, volunteers, tuple(others), tuple(swapped))

    def pair(self, seed: int, number: int) -> tuple[RGB, RGB]:
        """(256, 256, 3) a real face and the same manipulated, cut out after the same way.

        Args:
            seed: Of the training.
            number: Of the pair; both decide everything.
        """
        rng = np.random.default_rng((seed, number))
        chance = rng.random() if self.volunteers else 1.0
        if self.swapped and _VOLUNTEERS <= chance < _VOLUNTEERS + _SWAPPED:
            swap = self.swapped[int(rng.integers(len(self.swapped)))]
            return both_seen(swap.picture, swap.fake, int(rng.integers(1 << 32)))
        some = self.volunteers
        if self.people and chance >= _VOLUNTEERS:
            some = self.people[int(rng.integers(len(self.people)))]
        one = some[int(rng.integers(len(some)))]
        way = int(rng.integers(1 << 32))
        return both_seen(one, forged(one, rng, self.others), way)
