"""What a mouth is learned from: frames, and the same as they are drawn without the network.

Each half of the footage is drawn from the other half, in stretches of two seconds by turns, as
frames of a sentence yet to be said will be. Shapes are moved a little over time, since speech never
says them quite; skin around the mouth is that of a moment nearby, so that it tells nothing of what
the lips do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.faces.mouth.crop import cut, given, told
from masquerade.faces.mouth.look import MOST, Floats, MouthLook, in_light
from masquerade.faces.mouth.shape import MouthSpace
from masquerade.faces.mouth.talker import Sight, spread
from masquerade.models.trained.lips_shape import TOLD

LEAST: Final = 250
"""Frames of the mouth, below which there is nothing to learn."""
_STRETCH: Final = 50  # frames drawn from the same half
_LEFT_OUT: Final = 10  # of so many stretches, one is never trained on
_NEARBY: Final = 12  # frames, within which skin is taken
_VERSIONS: Final = 3  # of the shapes: as they are, and moved
_SLOW: Final = 3.0  # frames over which what they are moved by changes


@dataclass(frozen=True, slots=True)
class Example:
    """Pictures that go in and out, in [0, 1].

    Attributes:
        drawn: (n, 3, 104, 104) float32 as drawn without the network.
        told: (n, 50) float32 the shapes around each moment.
        true: (n, 3, 104, 104) float32 as they were.
    """

    drawn: Floats
    told: Floats
    true: Floats


@dataclass(frozen=True, slots=True)
class Material:
    """All frames of the footage that show the mouth.

    Attributes:
        maps: (144, 160, 3) uint8 each.
        footage: (n,) which footage each is of.
        half: (n,) the half it belongs to, 0 or 1.
        looks: What each half shows.
        shapes: (versions, n, 10) float32.
        told: (versions, n, 50) float32.
        examples: (versions, n) the frame of the other half that lends detail.
        taught: Numbers of the frames that are learned from, and
        checked: those that are not.
    """

    maps: Sequence[NDArray[np.uint8]]
    footage: NDArray[np.intp]
    half: NDArray[np.intp]
    looks: tuple[MouthLook, MouthLook]
    shapes: Floats
    told: Floats
    examples: NDArray[np.intp]
    taught: NDArray[np.intp]
    checked: NDArray[np.intp]

    @classmethod
    def of(
        cls, sights: Sequence[Sight], space: MouthSpace, *, unsure: float, seed: int
    ) -> Material:
        """What sights show.

        Args:
            sights: In order of time within each footage.
            space: The person's shapes.
            unsure: How far shapes are moved, in their deviations.
            seed: Of how they are moved.

        Raises:
            InputError: There are too few.
        """
        shown = [one for one in sights if one.map is not None]
        if len(shown) < LEAST:
            raise InputError(
                f"{len(shown)} frames that show the mouth",
                f"at least {LEAST}, best two minutes of talking",
                "add footage of the same person with --footage",
            )
        maps = [one.map for one in shown if one.map is not None]
        footage = np.array([one.footage for one in shown], np.intp)
        half = np.arange(len(shown)) // _STRETCH % 2
        true = np.stack([space.shape_of(one.skull) for one in shown])
        face_px = float(np.median([one.face_px for one in shown]))
        gaps = space.openings(true)
        looks = (
            _look(maps, true, gaps, np.flatnonzero(half == 0), face_px),
            _look(maps, true, gaps, np.flatnonzero(half == 1), face_px),
        )
        shapes = np.stack([true, *_moved(true, unsure, seed)])
        times_s = np.array([one.time_s for one in shown])
        told = np.stack([_told(one, times_s, footage) for one in shapes])
        examples = np.zeros(shapes.shape[:2], np.intp)
        for version, some in enumerate(shapes):
            for side in (0, 1):
                mine = np.flatnonzero(half == side)
                examples[version, mine] = looks[1 - side].chosen(
                    some[mine], space.openings(some[mine])
                )
        left_out = np.arange(len(shown)) // _STRETCH % _LEFT_OUT == _LEFT_OUT // 2
        taught, checked = np.flatnonzero(~left_out), np.flatnonzero(left_out)
        return cls(maps, footage, half, looks, shapes, told, examples, taught, checked)

    def batch(self, count: int, chance: np.random.Generator) -> Example:
        """Examples to learn from.

        Args:
            count: How many.
            chance: Decides which.
        """
        numbers = chance.choice(self.taught, count)
        versions = chance.integers(0, len(self.shapes), count)
        steps = chance.integers(-_NEARBY, _NEARBY + 1, count)
        return self._examples(numbers, versions, steps)

    def check(self, most: int) -> Example:
        """Examples never learned from, spread evenly; shapes are moved as in a sentence."""
        places = np.linspace(0, len(self.checked) - 1, min(most, len(self.checked))).astype(int)
        numbers = self.checked[places]
        return self._examples(numbers, np.ones_like(numbers), np.full(len(numbers), _NEARBY))

    def _examples(
        self, numbers: NDArray[np.intp], versions: NDArray[np.intp], steps: NDArray[np.intp]
    ) -> Example:
        drawn, true = [], []
        for number, version, step in zip(numbers, versions, steps, strict=True):
            seen = self.maps[self._nearby(int(number), int(step))]
            look, example = self.looks[1 - self.half[number]], int(self.examples[version, number])
            made = look.drawn(self.shapes[version, number], [(example, 1.0)])
            drawn.append(given(in_light(made, seen), seen))
            real = in_light(self.maps[number].astype(np.float32), seen)
            true.append(np.asarray(np.clip(cut(real) / np.float32(255), 0, 1), np.float32))
        return Example(_stacked(drawn), self.told[versions, numbers], _stacked(true))

    def _nearby(self, number: int, step: int) -> int:
        """A frame so many further on in the same footage; the frame itself where there is none."""
        other = min(max(number + step, 0), len(self.maps) - 1)
        return other if self.footage[other] == self.footage[number] else number


def _told(shapes: Floats, times_s: NDArray[np.float64], footage: NDArray[np.intp]) -> Floats:
    found = np.zeros((len(shapes), TOLD), np.float32)
    for number in np.unique(footage):
        mine = np.flatnonzero(footage == number)
        found[mine] = told(shapes[mine], times_s[mine], times_s[mine])
    return found


def _look(
    maps: Sequence[NDArray[np.uint8]],
    shapes: Floats,
    openings: Floats,
    numbers: NDArray[np.intp],
    face_px: float,
) -> MouthLook:
    """What some frames show; each follows the one before where they are neighbours."""
    kept = numbers[spread(len(numbers), MOST)]
    follows = np.concatenate([[False], np.diff(kept) == 1])
    shown = [maps[k] for k in kept]
    return MouthLook.of(shown, shapes[kept], openings[kept], follows, face_px)


def _moved(shapes: Floats, amount: float, seed: int) -> list[Floats]:
    """The shapes, moved by noise that changes slowly, of that deviation."""
    chance = np.random.default_rng(seed)
    made = []
    for _ in range(_VERSIONS - 1):
        noise = chance.standard_normal(shapes.shape).astype(np.float32)
        slow = np.asarray(cv2.GaussianBlur(noise, (1, 0), 0.1, sigmaY=_SLOW), np.float32)
        made.append(shapes + np.float32(amount) * slow / max(float(slow.std()), 1e-6))
    return made


def _stacked(pictures: Sequence[Floats]) -> Floats:
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), np.float32)
