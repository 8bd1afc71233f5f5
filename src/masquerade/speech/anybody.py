"""How a mouth moves with speech when its owner is hardly known: as anybody's does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masquerade.models.generic_lips import ROW, GenericLips
from masquerade.speech.articulation import LEAST, Articulation, Lesson
from masquerade.speech.heard import STEP_S, Heard

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnybodysArticulation:
    """What `masquerade.speech.articulation.Articulation` is for a person whose footage is known.

    Attributes:
        lips: From `GenericLips.open`.
        own: What the person does otherwise than anybody, where some seconds show it.
    """

    lips: GenericLips
    own: Articulation | None = None

    @classmethod
    def learned(cls, lips: GenericLips, lessons: Sequence[Lesson]) -> AnybodysArticulation:
        """What seconds of a person add; nothing, where there are hardly any.

        Args:
            lips: From `GenericLips.open`.
            lessons: Their shapes in the space around the person's neutral mouth.
        """
        anybody = cls(lips)
        if sum(len(one.times_s) for one in lessons) < LEAST:
            return anybody
        otherwise = [
            Lesson(one.heard, one.times_s, one.shapes - anybody(one.heard, one.times_s))
            for one in lessons
        ]
        return cls(lips, Articulation.learned(otherwise))

    def __call__(self, heard: Heard, times_s: NDArray[np.float64]) -> Floats:
        """(n, 10) float32 the mouth's shape at these times on the clock of the sound.

        Before the sound begins, and after it ends, as at its ends; at rest where nothing is heard.
        """
        rest = self.lips.basis.rest
        if not len(heard):
            return np.tile(rest, (len(times_s), 1))
        made = self.lips(rows_of(heard))
        place = np.clip((times_s - heard.start_s) / float(STEP_S), 0, len(made) - 1)
        low = np.minimum(place.astype(np.intp), max(len(made) - 2, 0))
        share = (place - low).astype(np.float32)[:, None]
        high = np.minimum(low + 1, len(made) - 1)
        shapes = made[low] + share * (made[high] - made[low])
        if self.own is not None:
            shapes = shapes + self.own(heard, times_s)
        return np.asarray(np.round(shapes, 3), np.float32)


def rows_of(heard: Heard) -> Floats:
    """(n, 808) float32 what is heard, as the networks take it."""
    rows = np.concatenate([heard.mel, heard.early, heard.late], axis=1)
    assert rows.shape[1] == ROW
    return rows
