"""The patches of one picture that are most like those of another.

The search is that of Barnes et al., "PatchMatch" (2009): a good place is handed to neighbours, and
places near the best are tried at random. Patches are described by their principal components, and
one that is used too often costs more (Kaspar et al., "Self tuning texture optimization", 2015),
without which large parts would all come from one smooth spot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]
"""(H, W, C) values of a picture."""
Places = NDArray[np.int32]
"""(H, W, 2) rows and columns of another picture."""

PATCH_PX: Final = 7
"""Side of a patch."""
_HALF: Final = PATCH_PX // 2
_PARTS: Final = 20  # principal components that describe a patch
_SAMPLE: Final = 4000  # patches that the components are found from
_EVENNESS: Final = 2.0  # what a patch costs that is used as often as all, of the median distance
_STEPS: Final = (4, 2, 1)  # pixels to the neighbours who are asked, from turn to turn
_NEIGHBOURS: Final = ((0, 1), (0, -1), (1, 0), (-1, 0))


def searched(seen: Planes, shown: Planes, places: Places, chance: np.random.Generator) -> Places:
    """(H, W, 2) the place that is most like each patch.

    Args:
        seen: (H, W, C) the picture whose patches look for others.
        shown: (h, w, C) the picture in which they look.
        places: (H, W, 2) where they begin.
        chance: Of the places that are tried.
    """
    wanted, offered = _described(seen, shown, chance)
    search = _Search.of(wanted, offered, places)
    reach = max(offered.shape[:2])
    for turn, step in enumerate(_STEPS):
        search.even_out()
        for down, right in _NEIGHBOURS:
            search.try_neighbours(down * step, right * step)
        radius = reach // (4**turn)
        while radius >= 1:
            search.try_near(radius, chance)
            radius //= 3
    return search.places


def _described(seen: Planes, shown: Planes, chance: np.random.Generator) -> tuple[Planes, Planes]:
    """Both pictures' patches in (H, W, P), by the principal components of the style's."""
    patches = _patches(shown)
    rows, columns = (chance.integers(0, most, _SAMPLE) for most in patches.shape[:2])
    some = patches[rows, columns].reshape(_SAMPLE, -1)
    mean = some.mean(axis=0)
    _, _, across = np.linalg.svd(some - mean, full_matrices=False)
    across = across[:_PARTS].T.astype(np.float32)
    return _projected(seen, mean, across), _projected(shown, mean, across)


def _patches(planes: Planes) -> Planes:
    wide = np.pad(planes, ((_HALF, _HALF), (_HALF, _HALF), (0, 0)), "reflect")
    views = np.lib.stride_tricks.sliding_window_view(wide, (PATCH_PX, PATCH_PX), axis=(0, 1))
    return np.asarray(views)


def _projected(planes: Planes, mean: Planes, across: Planes) -> Planes:
    views = _patches(planes)
    rows = [
        (views[row].reshape(views.shape[1], -1) - mean) @ across for row in range(views.shape[0])
    ]
    return np.asarray(np.stack(rows), np.float32)


@dataclass(slots=True)
class _Search:
    """Where each patch has been found so far, and how far off it is."""

    wanted: Planes
    offered: Planes
    places: Places
    costs: Planes
    extra: Planes

    @classmethod
    def of(cls, wanted: Planes, offered: Planes, places: Places) -> _Search:
        empty = np.zeros(offered.shape[:2], np.float32)
        search = cls(wanted, offered, places.copy(), np.empty(wanted.shape[:2], np.float32), empty)
        search.even_out()
        return search

    def even_out(self) -> None:
        self.extra = np.zeros_like(self.extra)
        plain = float(np.median(self.cost(self.places)))
        used = np.zeros(self.extra.shape, np.float32)
        np.add.at(used, (self.places[..., 0], self.places[..., 1]), 1)
        fair = self.costs.size / used.size
        used = np.asarray(cv2.blur(used, (PATCH_PX, PATCH_PX)), np.float32) / fair
        self.extra = (_EVENNESS * plain * used).astype(np.float32)
        self.costs = self.cost(self.places)

    def cost(self, places: Places) -> Planes:
        rows, columns = places[..., 0], places[..., 1]
        apart = self.offered[rows, columns] - self.wanted
        return np.asarray(
            np.einsum("hwp,hwp->hw", apart, apart) + self.extra[rows, columns], np.float32
        )

    def keep_better(self, places: Places) -> None:
        costs = self.cost(places)
        better = costs < self.costs
        self.places[better] = places[better]
        self.costs[better] = costs[better]

    def try_neighbours(self, down: int, right: int) -> None:
        moved = np.roll(self.places, (down, right), (0, 1)) + np.array([down, right], np.int32)
        self.keep_better(self._inside(moved))

    def try_near(self, radius: int, chance: np.random.Generator) -> None:
        by = chance.integers(-radius, radius + 1, self.places.shape, dtype=np.int32)
        self.keep_better(self._inside(self.places + by))

    def _inside(self, places: Places) -> Places:
        top = np.array(self.offered.shape[:2], np.int32) - 1
        return np.clip(places, 0, top)
