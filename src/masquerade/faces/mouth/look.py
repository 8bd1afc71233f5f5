"""What a person's mouth looks like in any shape: a model for its tones, real frames for its detail.

Tones, broad as they are, follow the shape by a quadratic ridge regression on the principal
components of the person's own frames (an appearance model as of Cootes, Edwards and Taylor, 2001).
Teeth, creases and grain come from the frames themselves, chosen for a whole sentence at once so
that shapes fit and neighbours belong together (Viterbi, 1967, as in Bregler, Covell and Slaney,
"Video Rewrite", 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mouth.shape import PARTS
from masquerade.faces.mouth.unrolled import HEIGHT, WIDTH, mouth_layout
from masquerade.types import RGB

Floats = NDArray[np.float32]

MOST: Final = 500
"""Frames that are kept of a person's footage."""
_COMPONENTS: Final = 40
_RIDGE: Final = 4.0
_SMALL: Final = 2  # the map is this much smaller where tones are meant
_BROAD: Final = 1.6  # standard deviation, in pixels of the small map, of what counts as tone
_AT_ONCE: Final = 2000  # shapes whose frames are chosen together
_LOOKED_AHEAD: Final = 50  # and so many of those that follow
_SLIT: Final = 2.0  # weight of the logarithm of how far lips are open: a slit stays a slit
_SHUT: Final = 0.02  # interocular distances, below which one slit is as good as another
_SWITCH: Final = 0.6  # cost of a frame that does not follow the one before, for its difference
_SKIN: Final = 20.0  # in Lab, by which pixels of skin in one light may differ from each other
_FITS: Final = 4


@dataclass(frozen=True, slots=True)
class MouthLook:
    """A person's mouth, learned.

    Attributes:
        maps: (n, 144, 160, 3) uint8 real frames on the map of `masquerade.faces.mouth.unrolled`.
        shapes: (n, 10) float32 the shape of each.
        openings: (n,) float32 how far its lips are open, in interocular distances.
        follows: (n,) bool, True where a frame follows the one before it in the footage.
        mean: (72 * 80 * 3,) float32 tones in the middle.
        tones: (k, 72 * 80 * 3) float32 what they change by.
        rule: (66, k) float32 how much of each a shape has.
        face_px: Height of the face in the footage.
    """

    maps: NDArray[np.uint8]
    shapes: Floats
    openings: Floats
    follows: NDArray[np.bool_]
    mean: Floats
    tones: Floats
    rule: Floats
    face_px: float

    @classmethod
    def of(
        cls,
        maps: Sequence[RGB],
        shapes: Floats,
        openings: Floats,
        follows: NDArray[np.bool_],
        face_px: float,
    ) -> MouthLook:
        """The look that frames show.

        Args:
            maps: (144, 160, 3) each, from `masquerade.faces.mouth.unrolled.unroll_mouth`.
            shapes: (n, 10) the shape of each.
            openings: (n,) how far its lips are open.
            follows: (n,) whether each follows the one before.
            face_px: Usual height of the face in the footage.
        """
        broad = np.stack([_broad(one).ravel() for one in maps])
        mean = broad.mean(axis=0)
        around = broad - mean
        size, u = np.linalg.eigh(around @ around.T)
        kept = np.flatnonzero(size[::-1] > 1e-6 * max(float(size[-1]), 1e-9))[:_COMPONENTS]
        size, u = size[::-1][kept], u[:, ::-1][:, kept]
        tones = (u / np.sqrt(size)).T @ around
        terms = _terms(shapes)
        keep = _RIDGE * np.eye(terms.shape[1], dtype=np.float32)
        keep[0, 0] = 1e-3
        rule = np.linalg.solve(terms.T @ terms + keep, terms.T @ (around @ tones.T))
        return cls(
            np.stack(maps),
            shapes,
            openings,
            follows,
            mean.astype(np.float32),
            tones.astype(np.float32),
            rule.astype(np.float32),
            face_px,
        )

    def chosen(self, shapes: Floats, openings: Floats) -> NDArray[np.intp]:
        """(n,) for each shape of a sentence, the real frame that lends its detail.

        Args:
            shapes: (n, 10) one after the other, at about the footage's own rate.
            openings: (n,) how far the lips are open in each.
        """
        apart = _distances(self.shapes, self.shapes)
        slits, wanted = _slits(self.openings), _slits(openings)
        switch = _SWITCH * apart + np.float32(0.4)
        first, second = np.arange(len(switch) - 1), np.arange(1, len(switch))
        switch[first[self.follows[1:]], second[self.follows[1:]]] = 0.0
        np.fill_diagonal(switch, 0.15)
        found = [np.zeros(0, np.intp)]
        for begin in range(0, len(shapes), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE + _LOOKED_AHEAD)
            fits = np.hypot(_distances(shapes[part], self.shapes), wanted[part, None] - slits)
            if begin:
                fits[0] += switch[found[-1][-1]]
            found.append(_best_way(fits, switch)[:_AT_ONCE])
        return np.concatenate(found)

    def drawn(self, shape: Floats, examples: Sequence[tuple[int, float]]) -> Floats:
        """(144, 160, 3) float32 the mouth on the map, in [0, 255] or a little beyond.

        Args:
            shape: (10,).
            examples: Numbers of real frames and their shares, which add up to 1.
        """
        flat = self.mean + (_terms(shape[None])[0] @ self.rule) @ self.tones
        tone = flat.reshape(HEIGHT // _SMALL, WIDTH // _SMALL, 3)
        real = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        for number, share in examples:
            real += np.float32(share) * self.maps[number]
        change = np.asarray(tone - _broad(real), np.float32)
        return real + np.asarray(cv2.resize(change, (WIDTH, HEIGHT)), np.float32)


def in_light(drawn: Floats, seen: RGB) -> Floats:
    """(144, 160, 3) float32 a mouth brought to the light of a frame.

    The skin around the lips tells how the colours differ, and not what lies over some of it, such
    as a microphone; between the lips brightness alone moves.

    Args:
        drawn: (144, 160, 3) on the map, in [0, 255].
        seen: (144, 160, 3) uint8 the frame's own lower face on the map.
    """
    ring = mouth_layout().ring
    mine = cv2.cvtColor(np.clip(drawn / 255, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB)
    theirs = cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    offset = _of_most(np.asarray(theirs[ring] - mine[ring], np.float32))
    outside = 1 - mouth_layout().inside
    mine[..., 0] += offset[0]
    mine[..., 1] += offset[1] * outside
    mine[..., 2] += offset[2] * outside
    return np.asarray(cv2.cvtColor(mine, cv2.COLOR_LAB2RGB) * 255, np.float32)


def _of_most(changes: Floats) -> Floats:
    """(3,) the mean of those changes of colour (m, 3) that most of the pixels agree on.

    Iteratively reweighted least squares with Geman and McClure's weights, from the median on.
    """
    mean = np.median(changes, axis=0)
    for _ in range(_FITS):
        away = ((changes - mean) ** 2).sum(axis=1) / np.float32(_SKIN**2)
        weight = 1 / (1 + away) ** 2
        mean = weight @ changes / weight.sum()
    return np.asarray(mean, np.float32)


def _best_way(fits: Floats, switch: Floats) -> NDArray[np.intp]:
    """(n,) the states, one after the other, that cost least in all.

    Args:
        fits: (n, k) cost of each state at each time.
        switch: (k, k) cost of going from one to the other.
    """
    cost, came_from = fits[0], np.zeros(fits.shape, np.intp)
    for time in range(1, len(fits)):
        ways = cost[:, None] + switch
        came_from[time] = ways.argmin(axis=0)
        cost = ways[came_from[time], np.arange(ways.shape[1])] + fits[time]
    best = np.empty(len(fits), np.intp)
    best[-1] = int(cost.argmin())
    for time in range(len(fits) - 1, 0, -1):
        best[time - 1] = came_from[time, best[time]]
    return best


def _broad(pixels: NDArray[np.uint8] | Floats) -> Floats:
    """(72, 80, 3) the tones of a map without its detail."""
    small = cv2.resize(
        pixels, (WIDTH // _SMALL, HEIGHT // _SMALL), interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), _BROAD), np.float32)


def _terms(shapes: Floats) -> Floats:
    """(n, 66) constant, numbers and their products."""
    one, other = np.triu_indices(PARTS)
    products = shapes[:, one] * shapes[:, other] / 2
    return np.concatenate([np.ones((len(shapes), 1), np.float32), shapes, products], axis=1)


def _slits(openings: Floats) -> Floats:
    """(n,) how far lips are open, so that what looks alike lies near."""
    return np.asarray(_SLIT * np.log(np.maximum(openings, 0) + _SHUT), np.float32)


def _distances(some: Floats, others: Floats) -> Floats:
    """(n, m) how far shapes are apart, the first numbers counting most."""
    weight = (1 / np.sqrt(1 + np.arange(PARTS))).astype(np.float32)
    a, b = some * weight, others * weight
    square = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(square, 0)), np.float32)
