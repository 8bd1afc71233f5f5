"""Whether a mouth is seen, or covered by a mask, a bar, a hand: a ridge regression, trained here.

`train.covered_mouth` makes it. It reads a mouth as `masquerade.faces.mouth.unrolled` lays it flat,
in any light: brightness and colour beside the mouth's own, how brightness changes from pixel to
pixel, which is the same of all lips and of nothing that lies over them, and how rough and how flat
each small part is, as prints and mosaics are flatter and have sharper edges than skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.models.own_weights import own_file
from masquerade.models.tensor_file import read_tensors
from masquerade.types import RGB

Floats = NDArray[np.float32]

NAME: Final = "covered_mouth"
UNSURE: Final = 0.15
"""Below it a mouth is covered where many looks agree; lips in 287 pictures came to 0.43."""
_ROWS: Final = slice(0, 104)
_COLUMNS: Final = slice(20, 140)
_SIZE_WH: Final = (30, 26)
_PER_COLOUR: Final = 12.0  # of a and b in Lab
_LEAST: Final = 4.0  # added to the deviation of brightness, so that noise is not enlarged
_EDGES: Final = 2.0
_STEEP: Final = 1.5  # the edge of a bar counts no more than that of a lip
_PARTS_WH: Final = (15, 13)
_FLAT: Final = 0.02  # change from pixel to pixel, in deviations, below which there is none
_SMOOTH: Final = 0.005  # added to changes, so that noise counts little in their logarithm,
_CALM: Final = 0.01  # and in what is beside them


@dataclass(frozen=True, slots=True)
class CoveredMouth:
    """The regression.

    Attributes:
        weights: (5100,) float32 of what `told` gives.
        offset: Added to their sum.
        sha256: Of the file.
    """

    weights: Floats
    offset: float
    sha256: str

    @classmethod
    def open(cls) -> Self:
        """The one that ships with the package.

        Raises:
            ModelError: The file is not there, or not what its card says.
        """
        path, card = own_file(NAME)
        return cls.of(path, card.sha256)

    @classmethod
    def of(cls, path: Path, sha256: str) -> Self:
        """The one in a file.

        Args:
            path: As `train.covered_mouth` wrote it.
            sha256: Of the file.

        Raises:
            ModelError: It is another file, or damaged.
        """
        arrays, _ = read_tensors(path, sha256=sha256)
        weights = arrays["weights"].astype(np.float32)
        return cls(weights, float(arrays["offset"][0]), sha256)

    def __call__(self, on_map: RGB) -> float:
        """How surely a mouth is seen: above 0 it is, below 0 something covers it.

        Args:
            on_map: (144, 160, 3) uint8 from `masquerade.faces.mouth.unrolled.unroll_mouth`.
        """
        return round(float(told(on_map) @ self.weights) + self.offset, 4)


def told(on_map: RGB) -> Floats:
    """(5100,) float32 what the regression is told of a mouth.

    Args:
        on_map: (144, 160, 3) uint8 the lower face on its map.
    """
    part = np.ascontiguousarray(on_map[_ROWS, _COLUMNS])
    small = cv2.resize(part, _SIZE_WH, interpolation=cv2.INTER_AREA).astype(np.float32)
    lab = np.asarray(cv2.cvtColor(small / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)
    light = lab[..., 0]
    light = (light - light.mean()) / (light.std() + _LEAST)
    colours = (lab[..., 1:] - lab[..., 1:].mean(axis=(0, 1))) / _PER_COLOUR
    down = np.diff(light, axis=0)[:, :-1] * _EDGES
    across = np.diff(light, axis=1)[:-1] * _EDGES
    down, across = np.clip(down, -_STEEP, _STEEP), np.clip(across, -_STEEP, _STEEP)
    kinds = (light, colours, down, np.abs(down), np.abs(across), *_rough(part))
    return np.concatenate([one.ravel() for one in kinds]).astype(np.float32)


def _rough(part: RGB) -> tuple[Floats, Floats, Floats]:
    """(13, 15) each: how much brightness changes in each small part, how unevenly, how seldom."""
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = (grey - grey.mean()) / (grey.std() + _LEAST)
    across, down = np.abs(np.diff(grey, axis=1))[:-1], np.abs(np.diff(grey, axis=0))[:, :-1]
    change = np.maximum(across, down)
    much, square, none = (
        np.asarray(cv2.resize(one, _PARTS_WH, interpolation=cv2.INTER_AREA), np.float32)
        for one in (change, change * change, (change < _FLAT).astype(np.float32))
    )
    return np.log(much + _SMOOTH), np.sqrt(square) / (much + _CALM), none
