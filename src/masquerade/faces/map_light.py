"""Light on unrolled pictures of one face: estimated against the usual one, and divided out."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.unrolled import SIDE, layout
from masquerade.types import RGB, Mask

Maps: TypeAlias = NDArray[np.float32]

_FLOOR: Final = 8.0  # added to brightness before logarithms, so that noise in the dark is small
_STRONGEST: Final = 1.2  # logarithm of the strongest change of light that is undone


def lights(small: Maps, seen: Mask) -> Maps:
    """(n, 9, 3) light of each picture against the usual one: harmonics, in logarithms.

    Fitted twice: what differs much from the usual after the first time (hair, a hand) does not
    count in the second. Harmonics after Ramamoorthi and Hanrahan (2001).

    Args:
        small: (n, 64, 64, 3) pictures on the map, in [0, 255].
        seen: (n, 64, 64) how squarely each place is seen.
    """
    here = layout()
    index = np.flatnonzero((here.skin * here.face).ravel() > 0.5)
    waves = here.harmonics.reshape(-1, 9)[index].astype(np.float64)
    values = np.log(small.reshape(len(small), -1, 3)[:, index] + _FLOOR)
    weights = seen.reshape(len(small), -1)[:, index].astype(np.float64)
    level = np.median(values, axis=1, keepdims=True)
    usual = np.median(values - level, axis=0) + np.median(level, axis=0)
    found = np.zeros((len(values), 9, 3))
    for k, one in enumerate(values):
        apart, weight = (one - usual).astype(np.float64), weights[k]
        for _ in range(2):
            square = waves.T @ (weight[:, None] * waves) + 0.5 * np.eye(9)
            found[k] = np.linalg.solve(square, waves.T @ (weight[:, None] * apart))
            left = np.abs(apart - waves @ found[k]).mean(axis=1)
            weight = weights[k] / (1 + (left / (3 * np.median(left) + 1e-3)) ** 4)
    return found.astype(np.float32)


def relit_small(small: Maps, light: Maps) -> Maps:
    """(64, 64, 3) float32 a picture on the small map with its light divided out."""
    return np.asarray((small + np.float32(_FLOOR)) * _factors(light) - np.float32(_FLOOR))


def relit(pixels: RGB, light: Maps) -> RGB:
    """(256, 256, 3) uint8 a picture on the map with its light divided out.

    Args:
        pixels: (256, 256, 3) uint8.
        light: (9, 3) from `lights`.
    """
    factor = cv2.resize(_factors(light), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    made = (pixels + np.float32(_FLOOR)) * factor - np.float32(_FLOOR)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _factors(light: Maps) -> Maps:
    """(64, 64, 3) factors that undo a light."""
    waves = np.clip(layout().harmonics @ light, -_STRONGEST, _STRONGEST)
    return np.asarray(np.exp(-waves), np.float32)
