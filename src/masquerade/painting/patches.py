"""A picture put together anew from small patches of another: painting by optimisation.

At each scale, coarse to fine, every patch of the picture looks for the patch of the style that is
most like it, in what is painted there so far and in guides that both pictures have (how light it
is, where in a face it lies), and each pixel becomes the mean of what its patches found. That
minimises one energy in turns, as in Kwatra et al., "Texture optimization for example-based
synthesis" (2005), guided as in Fiser et al., "StyLit" (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.painting.patch_search import PATCH_PX, Places, Planes, searched
from masquerade.types import RGB

_HALF: Final = PATCH_PX // 2
_COARSEST_PX: Final = 48  # shorter side of the first scale
_FACTOR: Final = 1.5  # from one scale to the next
_MIDDLE_PX: Final = 1.2  # spread of how much a patch counts for the pixels around its middle
_TURNS: Final = 4  # of searching and painting at each scale
_LAST_TURNS: Final = 2  # at the finest, which costs most


@dataclass(frozen=True, slots=True)
class Guided:
    """A picture with what guides the painting.

    Attributes:
        colours: (H, W, 3) float32 in [0, 1].
        guides: (H, W, K) float32, weighted against colours in [0, 1]; the same K of both pictures.
    """

    colours: Planes
    guides: Planes

    def at(self, height: int, width: int) -> Guided:
        """The same in another size."""
        size, how = (width, height), cv2.INTER_AREA
        guides = np.asarray(cv2.resize(self.guides, size, interpolation=how), np.float32)
        return Guided(
            np.asarray(cv2.resize(self.colours, size, interpolation=how), np.float32),
            guides.reshape(height, width, -1),
        )

    def planes(self, colours: Planes | None) -> Planes:
        """(H, W, C) what patches are compared by: colours where there are any, and guides."""
        return self.guides if colours is None else np.concatenate([colours, self.guides], -1)


def as_planes(picture: RGB) -> Planes:
    """(H, W, 3) float32 in [0, 1] of uint8 RGB."""
    return np.asarray(picture, np.float32) / np.float32(255)


def repainted(picture: Guided, style: Guided, *, seed: int = 0) -> Places:
    """Where in the style each pixel's patch is found.

    Args:
        picture: What is shown; its colours are used by guides alone.
        style: What it is painted from, each side at least 16 pixels.
        seed: Of the search.

    Returns:
        (H, W, 2) rows and columns of the style, for `painted`.
    """
    chance = np.random.default_rng(seed)
    sizes = _sizes(*picture.guides.shape[:2])
    rows, columns = style.guides.shape[:2]
    places = chance.integers(0, 1, (1, 1, 2), np.int32)
    done: Planes | None = None
    for number, (height, width) in enumerate(sizes):
        share = height / sizes[-1][0]
        now = picture.at(height, width)
        then = style.at(
            max(2 * PATCH_PX, round(rows * share)), max(2 * PATCH_PX, round(columns * share))
        )
        top = then.colours.shape[0] - 1, then.colours.shape[1] - 1
        if number:
            places = enlarged(places, (height, width), top)
        else:
            places = chance.integers((0, 0), top, (height, width, 2), np.int32)
        if done is not None:
            done = np.asarray(cv2.resize(done, (width, height)), np.float32)
        turns = _LAST_TURNS if number == len(sizes) - 1 else _TURNS
        for _ in range(turns):
            seen, shown = now.planes(done), then.planes(None if done is None else then.colours)
            places = searched(seen, shown, places, chance)
            done = painted(then.colours, places)
    return places


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    least = min(height, width)
    count = max(1, 1 + round(np.log(max(least / _COARSEST_PX, 1)) / np.log(_FACTOR)))
    shares = [_FACTOR ** (number - count + 1) for number in range(count)]
    return [(round(height * share), round(width * share)) for share in shares]


def enlarged(places: Places, size: tuple[int, int], top: tuple[int, int]) -> Places:
    """Where each patch was found, at a finer scale.

    Args:
        places: (h, w, 2) of the coarser scale.
        size: Height and width of the finer one.
        top: Last row and column of the style at that scale.
    """
    rows = np.arange(size[0], dtype=np.float32) * (places.shape[0] / size[0])
    columns = np.arange(size[1], dtype=np.float32) * (places.shape[1] / size[1])
    old = rows.astype(np.int32)[:, None], columns.astype(np.int32)[None]
    within = np.stack(np.broadcast_arrays(rows[:, None] - old[0], columns[None] - old[1]), -1)
    scale = size[0] / places.shape[0]
    finer = np.rint((places[old] + within) * scale).astype(np.int32)
    return np.asarray(np.clip(finer, 0, top), np.int32)


def painted(colours: Planes, places: Places) -> Planes:
    """(H, W, 3) float32 each pixel as the mean of what the patches over it found.

    Patches count the more the nearer their middles are.

    Args:
        colours: (h, w, 3) float32 of the style.
        places: (H, W, 2) of `repainted` or `enlarged`.
    """
    height, width = places.shape[:2]
    top = colours.shape[0] - 1, colours.shape[1] - 1
    total = np.zeros((height, width, 3), np.float32)
    wide = np.pad(places, ((_HALF, _HALF), (_HALF, _HALF), (0, 0)), "edge")
    counts = cv2.getGaussianKernel(PATCH_PX, _MIDDLE_PX, cv2.CV_32F)[:, 0]
    for down in range(-_HALF, _HALF + 1):
        for right in range(-_HALF, _HALF + 1):
            first, left = _HALF - down, _HALF - right
            there = wide[first : first + height, left : left + width]
            rows = np.clip(there[..., 0] + down, 0, top[0])
            columns = np.clip(there[..., 1] + right, 0, top[1])
            total += counts[down + _HALF] * counts[right + _HALF] * colours[rows, columns]
    return total
