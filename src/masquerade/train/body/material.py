"""What a renderer of a body is learned from: moments of a video, drawn from other moments.

Each moment is drawn as it will be at use, by the puppet of another one: of the one whose pose is
nearest, of some other, and of the one that would serve as a photo. Moments that follow each other
in the video are given together, so that movement can be compared too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.bodies.canvas import GIVEN, MIRRORED, given, on_canvas, posed, reduced, to_canvas
from masquerade.bodies.footage import Moment, described, distance_m
from masquerade.bodies.puppet import Puppet, draw
from masquerade.errors import InputError
from masquerade.train.augment import Amounts, Draws

LEAST: Final = 16
"""Moments without which nothing is learned."""
DRAWINGS: Final = 3
"""Of each moment: from the nearest one, from some other, from the one that would be a photo."""
AMOUNTS: Final = Amounts(turn_deg=4.0, scale=0.06, shift=0.02, flip=0.0)
_CHECKED: Final = 0.12  # of the moments, the last ones, never trained on
_APART: Final = 12  # parts of the footage, within one of which two moments are too alike
_NEAR: Final = 3  # parts of all others, of which the nearest is drawn from too
_FINER: Final = 2  # than the network's square, the picture in which a puppet is drawn
_PUPPET: Final = 4  # channels


@dataclass(frozen=True, slots=True)
class BodyBatch:
    """Pairs of pictures, the second ones after all first ones.

    Attributes:
        given: (2 B, 10, S, S) uint8 puppets and poses.
        truth: (2 B, 4, S, S) uint8 the person, premultiplied, and where they are.
        draws: How each pair is changed.
    """

    given: Tensor
    truth: Tensor
    draws: Draws

    def to(self, device: torch.device) -> BodyBatch:
        """The same on a device."""
        return BodyBatch(self.given.to(device), self.truth.to(device), self.draws)


@dataclass(frozen=True, slots=True)
class Material:
    """Pictures of one person, ready to be learned from.

    Attributes:
        puppets: (n, 3, 4, S, S) uint8 each moment as drawn from others.
        poses: (n, 6, S, S) uint8 its bones.
        truths: (n, 4, S, S) uint8 the moment itself.
        taught: How many moments, from the first on, are trained on; the rest are to check with.
    """

    puppets: NDArray[np.uint8]
    poses: NDArray[np.uint8]
    truths: NDArray[np.uint8]
    taught: int

    @classmethod
    def of(
        cls,
        moments: Sequence[Moment],
        side: int,
        *,
        seed: int,
        progress: Callable[[str, int, int | None], None],
    ) -> Self:
        """The material that some moments are.

        Args:
            moments: In order of time; the same ones mirrored are made here.
            side: Of the network's square in pixels.
            seed: Decides what else each is drawn from.
            progress: Told (what, done, in all).

        Raises:
            InputError: There are too few.
        """
        count = len(moments)
        if count < LEAST:
            raise InputError(
                f"{count or 'no'} sharp moment{'s' * (count != 1)} of the person are there",
                f"at least {LEAST}; for a good renderer half a minute",
                "film more, or take a longer video",
            )
        taught = count - max(2, round(_CHECKED * count))
        sources = _sources([described(one.body) for one in moments], taught, seed)
        puppets = np.empty((count, DRAWINGS, _PUPPET, side, side), np.uint8)
        poses = np.empty((count, GIVEN - _PUPPET, side, side), np.uint8)
        truths = np.empty((count, _PUPPET, side, side), np.uint8)
        made: dict[int, Puppet] = {}
        black = np.zeros((_FINER * side, _FINER * side, 3), np.uint8)
        for number, moment in enumerate(moments):
            pose = on_canvas(moment.shown.skeleton, _FINER * side)
            for place, source in enumerate(sources[number].tolist()):
                if source not in made:
                    made[source] = moments[source].shown.puppet(pose.torso_px)
                drawn = draw(made[source], pose, black)
                puppets[number, place] = given(drawn, pose, side)[:_PUPPET]
            poses[number] = posed(on_canvas(pose, side), side)
            truths[number] = _truth(moment, side)
            progress("drawing each moment from others", number + 1, count)
        return cls(puppets, poses, truths, taught)

    @property
    def side(self) -> int:
        """Width and height in pixels."""
        return self.truths.shape[-1]

    def batch(self, pairs: int, rng: np.random.Generator) -> BodyBatch:
        """Pairs of moments that follow each other, some of them mirrored.

        Args:
            pairs: How many.
            rng: Decides which, and how they are changed.
        """
        first = rng.integers(0, self.taught - 1, pairs)
        drawing = rng.integers(0, DRAWINGS, pairs)
        flip = rng.random(pairs) < 0.5
        rows = [self._pair(*one) for one in zip(first, drawing, flip, strict=True)]
        draws = Draws.of(rng.integers(0, 2**62, pairs).tolist(), AMOUNTS)
        both = [np.concatenate([[row[part][k] for row in rows] for k in (0, 1)]) for part in (0, 1)]
        return BodyBatch(torch.from_numpy(both[0]), torch.from_numpy(both[1]), draws)

    def check(self) -> tuple[Tensor, Tensor]:
        """(n, 10, S, S) and (n, 4, S, S) uint8: moments never trained on, from the nearest one."""
        late = slice(self.taught, None)
        seen = np.concatenate([self.puppets[late, 0], self.poses[late]], axis=1)
        return torch.from_numpy(seen), torch.from_numpy(self.truths[late].copy())

    def _pair(
        self, first: int, drawing: int, flip: bool
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """(2, 10, S, S) and (2, 4, S, S) a moment and the one after it."""
        both = slice(first, first + 2)
        seen = np.concatenate([self.puppets[both, drawing], self.poses[both]], axis=1)
        truth = self.truths[both]
        if flip:
            return seen[:, list(MIRRORED), :, ::-1], truth[..., ::-1]
        return seen, truth


def _sources(poses: Sequence[NDArray[np.float32]], taught: int, seed: int) -> NDArray[np.intp]:
    """(n, 3) from which moments, of those trained on, each one is drawn."""
    rng = np.random.default_rng(seed)
    there = np.stack(poses)
    apart = np.stack([distance_m(there, one) for one in there])[:, :taught]
    photo = int(apart[:taught].mean(axis=0).argmin())
    gap = max(1, taught // _APART)
    found = np.empty((len(poses), DRAWINGS), np.intp)
    for number, row in enumerate(apart):
        far = np.flatnonzero(np.abs(np.arange(taught) - number) >= gap)
        order = far[np.argsort(row[far], kind="stable")]
        other = rng.choice(order[: max(1, len(order) // _NEAR)])
        found[number] = order[0], other, photo if abs(photo - number) >= gap else order[-1]
    return found


def _truth(moment: Moment, side: int) -> NDArray[np.uint8]:
    """(4, S, S) uint8 the person of a moment, premultiplied, and where they are."""
    shown = moment.shown
    move = to_canvas(shown.skeleton, side)
    alone = (shown.pixels * (shown.mask.astype(np.float32) / 255)[..., None]).astype(np.uint8)
    pixels = reduced(alone, move, side).transpose(2, 0, 1)
    mask = reduced(shown.mask.astype(np.float32), move, side)
    return np.concatenate([pixels, np.rint(mask)[None]]).astype(np.uint8)
