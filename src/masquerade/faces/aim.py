"""The mesh to draw so that lips, eyes and brows are seen where they were meant.

A face drawn over a target's mesh is not read quite as that mesh: a smile in the photo, a beard or
a lid's shadow draws points towards the photo's own. What is drawn is read again now and then, and
where it is read elsewhere than meant, it is from then on drawn as far to the other side. Small
errors are left, and so is everything but lips, eyes and brows: that is what the person is known by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from math import isqrt
from typing import Final

import numpy as np

from masquerade.faces.align import moved, similarity
from masquerade.faces.mesh import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    SURFACE,
    topology,
)
from masquerade.faces.pose import fit_head
from masquerade.types import Points

FIRST: Final = 2
"""Readings that are taken up at once: on its first frame a face is drawn and read so often."""
_LOOKS: Final = 12  # readings after which each new one counts as much as the last
_OFTEN: Final = 2  # faces are read at so many times the square numbers of frames
_RARELY: Final = 100  # and later on whenever so many frames have passed
_GAIN: Final = 0.9  # share of what a first reading says that is taken up
_SETTLE: Final = 0.15  # share of a new aim taken up in each frame
_MOST: Final = 0.06  # interocular distances by which a point is moved
_UNSEEN: Final = 0.008  # likewise, up to which an error is left: the likeness is worth more
_EVEN: Final = 0.06  # reach, likewise, over which errors are averaged
_LIP_REACH: Final = 0.12
_EYE_REACH: Final = 0.1


@dataclass(slots=True)
class Aim:
    """By how much one track's faces are drawn elsewhere than they are to be seen.

    Attributes:
        share: Of the offset that is drawn, in [0, 1].
        offset: (468, 3) float32 what is added, of the head turned to the camera, in the units of
            `masquerade.faces.mesh.Topology.neutral`.
        wanted: (468, 3) float32 what it goes to, a little in every frame.
        looks: Readings so far.
        frames: Frames so far.
    """

    share: float = 1.0
    offset: Points = field(default_factory=lambda: np.zeros((SURFACE, 3), np.float32))
    wanted: Points = field(default_factory=lambda: np.zeros((SURFACE, 3), np.float32))
    looks: int = 0
    frames: int = 0

    @property
    def due(self) -> bool:
        """True where the face of this frame is to be read once it is drawn."""
        if self.looks < FIRST:
            return True
        if self.frames > _OFTEN * _LOOKS**2:
            return self.frames % _RARELY == 0
        return self.frames == _OFTEN * isqrt(self.frames // _OFTEN) ** 2

    def step(self) -> None:
        """Goes on to the next frame."""
        self.frames += 1
        self.offset = self.offset + np.float32(_SETTLE) * (self.wanted - self.offset)

    def at(self, landmarks: Points) -> Points:
        """(478, 3) the mesh to draw for one that is to be seen.

        Args:
            landmarks: (478, 3) in pixels.
        """
        fit = fit_head(landmarks)
        made = landmarks.copy()
        made[:SURFACE] += (fit.scale * self._drawn() @ fit.turn.T).astype(np.float32)
        return made

    def learn(self, read: Points, meant: Points) -> None:
        """Takes up where a drawn face was read.

        Args:
            read: (478, 3) in pixels, of a face drawn over the mesh that `at` gave.
            meant: (478, 3) in pixels.
        """
        surface = meant[:SURFACE]
        found = read[:SURFACE]
        laid = moved(found, similarity(found[:, :2], surface[:, :2]))
        apart = laid - surface
        apart[:, 2] = 0
        fit = fit_head(meant)
        error = _evenly() @ (apart @ fit.turn / fit.scale).astype(np.float32)
        self.looks += 1
        weight = _GAIN if self.looks <= FIRST else 1 / min(self.looks - FIRST + 1, _LOOKS)
        goal = self._drawn() - error
        moved_to = self.wanted + np.float32(weight) * (goal - self.wanted)
        self.wanted = np.clip(moved_to, -_MOST, _MOST)
        if self.frames <= 1:
            self.offset = self.wanted

    def _drawn(self) -> Points:
        """(468, 3) the offset less what nobody sees."""
        length = np.linalg.norm(self.offset, axis=1, keepdims=True)
        beyond = np.maximum(1 - _UNSEEN / np.maximum(length, 1e-9), 0)
        return np.asarray(self.share * beyond * self.offset, np.float32)


@cache
def _evenly() -> Points:
    """(468, 468) averages of neighbours, times how far each point is moved at all."""
    flat = topology().neutral[:SURFACE, :2].astype(np.float64)
    apart = ((flat[:, None] - flat[None]) ** 2).sum(axis=-1)
    near = np.exp(-0.5 * apart / _EVEN**2)
    near /= near.sum(axis=1, keepdims=True)
    eyes = (*RIGHT_EYE, *LEFT_EYE, *RIGHT_BROW, *LEFT_BROW)
    moves = [
        np.exp(-0.5 * apart[:, list(part)].min(axis=1) / reach**2)
        for part, reach in (((*LIPS, *INNER_LIPS), _LIP_REACH), (eyes, _EYE_REACH))
    ]
    share = np.maximum(*moves)
    made: Points = (near * share[:, None]).astype(np.float32)
    made.flags.writeable = False
    return made
