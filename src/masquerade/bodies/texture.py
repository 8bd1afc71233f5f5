"""Holes of a picture filled with texture from around them.

Wexler, Shechtman and Irani, "Space-time completion of video" (PAMI 2007), in space alone: each
patch over a hole looks for the seen patch most like it, all of them vote for the colours, and so
on, from coarse to fine. They are found as Barnes et al. do, "PatchMatch" (SIGGRAPH 2009): by their
neighbours' finds and by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_REACH: Final = 3  # pixels of a patch to each side
_PATCH: Final = 3 * (2 * _REACH + 1) ** 2  # numbers in one
_LEVELS: Final = (0.25, 0.5, 1.0)  # of the size at which patches are sought
_ROUNDS: Final = (8, 5, 3)  # of seeking and voting, by level
_SEED: Final = 5
_BAND: Final = 0.06  # of the height, by which a patch may come from higher or lower: grass is low
_ROUGH: Final = 0.25  # weight of what was painted in roughly, beside what patches say by now
_CHANCES: Final = 4  # looks at patches of the same row
_LEAST: Final = 200  # patches that must be seen whole
_NEXT: Final = ((-1, 0), (1, 0), (0, -1), (0, 1))


def textured(picture: RGB, hole: Flags) -> RGB | None:
    """The picture with its holes filled; None where too little is seen around them.

    Args:
        picture: (h, w, 3) uint8 RGB, painted in roughly where nothing was seen.
        hole: (h, w) where that is.
    """
    found: _Field | None = None
    rng = np.random.default_rng(_SEED)
    colours: Floats = picture.astype(np.float32)
    for share, rounds in zip(_LEVELS, _ROUNDS, strict=True):
        size = max(round(picture.shape[1] * share), 8), max(round(picture.shape[0] * share), 8)
        level = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_AREA), np.float32)
        gone = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.01
        field = _Field.begun(gone, rng, found)
        if field is None:
            return None
        rough = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        for _ in range(rounds):
            field.seek(level, rough, rng)
            level = field.voted(level)
        found = field
        whole = cv2.resize(level, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        colours = np.where(hole[..., None], np.asarray(whole, np.float32), colours)
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


@dataclass(slots=True)
class _Field:
    """Which seen patch stands for each patch over a hole.

    Attributes:
        gone: (h, w) the hole.
        at: (n, 2) rows and columns of the middles of patches that reach into it.
        seen: (m, 2) the same of patches that lie wholly outside.
        to: (h, w, 2) where each patch of `at` takes its pixels from.
        valid: (h, w) whether a patch lies wholly outside.
    """

    gone: Flags
    at: Places
    seen: Places
    to: Places
    valid: Flags

    @classmethod
    def begun(cls, gone: Flags, rng: np.random.Generator, before: _Field | None) -> _Field | None:
        """Patches that stand for each other by chance, or as they did at a coarser level."""
        square = np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8)
        wide = cv2.dilate(gone.astype(np.uint8), square) > 0
        inner = np.zeros_like(gone)
        inner[_REACH:-_REACH, _REACH:-_REACH] = True
        valid, at = ~wide & inner, np.argwhere(wide & inner)
        seen = np.argwhere(valid)
        if len(seen) < _LEAST or not len(at):
            return None
        to = np.zeros((*gone.shape, 2), np.intp)
        to[at[:, 0], at[:, 1]] = seen[_about(seen, at, rng)]
        field = cls(gone, at, seen, to, valid)
        if before is not None:
            field._take_over(before)
        return field

    def _take_over(self, before: _Field) -> None:
        scale = np.array(self.gone.shape) / np.array(before.gone.shape)
        most = np.array(before.gone.shape) - 1
        was = np.minimum((self.at / scale).astype(np.intp), most)
        known = before.to[was[:, 0], was[:, 1]]
        to = np.rint(known * scale + (self.at - was * scale)).astype(np.intp)
        to = np.clip(to, 0, np.array(self.gone.shape) - 1)
        good = (known > 0).all(axis=1) & self.valid[to[:, 0], to[:, 1]]
        self.to[self.at[good, 0], self.at[good, 1]] = to[good]

    def seek(self, level: Floats, rough: Floats, rng: np.random.Generator) -> None:
        """Takes better patches where neighbours have some, or chance finds one.

        Args:
            level: (h, w, 3) the picture as it is by now.
            rough: (h, w, 3) the same painted in roughly, from whose colours none may stray far:
                patches agree with each other on any colour else, once a few have it.
            rng: Of chance.
        """
        mine, guess = _patches(level, self.at), _patches(rough, self.at)
        now = self.to[self.at[:, 0], self.at[:, 1]]

        def apart(there: Places, which: NDArray[np.intp] | slice) -> Floats:
            found = _patches(level, there)
            own, roughly = ((found - one[which]) ** 2 for one in (mine, guess))
            return np.asarray((own + _ROUGH * roughly).sum(axis=1), np.float32)

        cost = apart(now, slice(None))
        high, wide = self.gone.shape
        tries = [self.to[self.at[:, 0] + y, self.at[:, 1] + x] - (y, x) for y, x in _NEXT]
        radius = float(max(high, wide))
        while radius > 2:
            tries.append(now + np.rint(rng.uniform(-radius, radius, now.shape)).astype(np.intp))
            radius /= 3
        tries += [self.seen[_about(self.seen, self.at, rng)] for _ in range(_CHANCES)]
        for other in tries:
            other = np.clip(other, 0, (high - 1, wide - 1))
            near = np.abs(other[:, 0] - self.at[:, 0]) <= _BAND * high
            able = np.flatnonzero(near & self.valid[other[:, 0], other[:, 1]])
            found = apart(other[able], able)
            better = found < cost[able]
            now[able[better]], cost[able[better]] = other[able[better]], found[better]
        self.to[self.at[:, 0], self.at[:, 1]] = now

    def voted(self, level: Floats) -> Floats:
        """The picture with the hole as the patches over it have it, on the mean."""
        total, count = np.zeros_like(level), np.zeros(level.shape[:2], np.float32)
        now = self.to[self.at[:, 0], self.at[:, 1]]
        for y in range(-_REACH, _REACH + 1):
            for x in range(-_REACH, _REACH + 1):
                step = np.array([y, x])
                here, there = self.at + step, now + step
                share = np.float32(np.exp(-(y * y + x * x) / 4))  # the middle of a patch fits best
                total[here[:, 0], here[:, 1]] += share * level[there[:, 0], there[:, 1]]
                count[here[:, 0], here[:, 1]] += share
        mean = total / np.maximum(count, 1e-6)[..., None]
        inside = self.gone & (count > 0)
        return np.where(inside[..., None], mean, level).astype(np.float32)


def _about(seen: Places, at: Places, rng: np.random.Generator) -> Places:
    """(n,) numbers of seen patches by chance, in rows near those of others where there are some."""
    low, high = np.searchsorted(seen[:, 0], (at[:, 0], at[:, 0] + 1))
    chance = low + (rng.random(len(at)) * np.maximum(high - low, 1)).astype(np.intp)
    drawn: Places = np.minimum(chance, len(seen) - 1)
    return drawn


def _patches(level: Floats, at: Places) -> Floats:
    """(n, 147) the pixels around each place."""
    step = np.arange(-_REACH, _REACH + 1)
    rows = at[:, 0, None, None] + step[:, None]
    columns = at[:, 1, None, None] + step
    return np.asarray(level[rows, columns].reshape(len(at), _PATCH), np.float32)
