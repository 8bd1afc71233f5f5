"""A drawn puppet made better by a network that knows the person: moved a little, painted in part.

The network sees the puppet small and says, for each place of `masquerade.bodies.canvas`, where its
pixels should come from, what should be painted instead, how much of it, and how much more or less
of the pixel is the person. The puppet itself keeps its full resolution. Face and hair stay those of
the puppet, pixel by pixel: no network draws who somebody is.
"""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.canvas import TORSOS, face_of, given, to_canvas
from masquerade.bodies.puppet import Drawn
from masquerade.bodies.skeleton import Skeleton
from masquerade.types import RGB

SAID: Final = 7
"""Channels of the answer: across and down in [-1, 1], of `FAR`; red, green, blue and how much of
them is painted, in [0, 1]; and more or less of the person, in [-1, 1]."""
FAR: Final = 0.12 / TORSOS
"""Of the square's width, the farthest from which a pixel is taken."""
LEAST: Final = 0.05
"""Of alpha, below which a puppet has no colour."""


class Refiner(Protocol):
    """A trained network, ready to be called."""

    @property
    def side(self) -> int:
        """Width and height of its square in pixels."""
        ...

    def __call__(self, seen: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(7, side, side) float32 what it says of (10, side, side) uint8."""
        ...


def refined(drawn: Drawn, skeleton: Skeleton, network: Refiner) -> Drawn:
    """The puppet as the network makes it; its colours are not premultiplied.

    Args:
        drawn: The puppet over black.
        skeleton: Its pose, in pixels of the same picture.
        network: Of the person.
    """
    said = network(given(drawn, skeleton, network.side)).transpose(1, 2, 0)
    height, width = drawn.alpha.shape
    move = to_canvas(skeleton, network.side)
    free = (255 - face_of((height, width), skeleton)).astype(np.float32) / np.float32(255)

    def full(part: NDArray[np.float32]) -> NDArray[np.float32]:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        wide = cv2.warpAffine(np.ascontiguousarray(part), move, (width, height), flags=flags)
        return np.asarray(wide, np.float32)

    by = full(said[..., :2]) * free[..., None] * np.float32(FAR * network.side / move[0, 0])
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    from_x, from_y = xs + by[..., 0], ys + by[..., 1]
    colours = cv2.remap(drawn.pixels, from_x, from_y, cv2.INTER_LINEAR).astype(np.float32)
    alpha = cv2.remap(drawn.alpha, from_x, from_y, cv2.INTER_LINEAR)
    paint, more = full(said[..., 2:6]), full(said[..., 6]) * free
    share = (paint[..., 3] * free)[..., None]
    colours /= np.maximum(alpha, LEAST)[..., None]
    mixed = np.clip(colours + share * (paint[..., :3] * 255 - colours), 0, 255)
    cover = np.clip(alpha + more, 0, 1)
    return Drawn(np.rint(mixed).astype(np.uint8), np.asarray(cover, np.float32))


def laid(drawn: Drawn, onto: RGB) -> Drawn:
    """Colours that are not premultiplied, laid over a picture.

    Args:
        drawn: From `refined`.
        onto: (H, W, 3) uint8 RGB what lies behind.
    """
    out = np.empty_like(onto)
    cv2.blendLinear(drawn.pixels, onto, drawn.alpha, 1 - drawn.alpha, dst=out)
    return Drawn(out, drawn.alpha)
