"""A picture painted in a style: how large the strokes are, how strong the style, whose colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import LimitError
from masquerade.media.read import read_image
from masquerade.models.store import Progress
from masquerade.models.style.network import LEAST_SIDE, StyleNetwork
from masquerade.models.style.reader import StyleReader
from masquerade.models.style.weights import Look, StyleWeights, any_style, mixed, preset_styles
from masquerade.painting.wishes import Wish
from masquerade.types import RGB

STROKES_PX: Final = 1600
"""Longer side of the pictures in which strokes of size 1 are painted; larger ones are enlarged."""


@dataclass(frozen=True, slots=True)
class Painter:
    """Paints in one style.

    Attributes:
        network: With the style's look.
        strength: 0 leaves the picture as it is, 1 is the style alone.
        strokes: Size of the strokes; 1 is the finest that suits.
        keep_colour: Only light and dark are painted.
    """

    network: StyleNetwork
    strength: float = 1.0
    strokes: float = 1.0
    keep_colour: bool = False

    @classmethod
    def of(
        cls,
        wishes: Sequence[Wish],
        *,
        strength: float = 1.0,
        strokes: float = 1.0,
        keep_colour: bool = False,
        device: str = "cpu",
        threads: int = 2,
        progress: Progress | None = None,
    ) -> Self:
        """The painter of these wishes; weights are fetched on first use.

        Raises:
            InputError: The picture of a style cannot be used.
            ModelError: The networks cannot be had, or do not run on the device.
        """
        weights, look = _look(wishes, progress)
        network = StyleNetwork(weights.layers, look, device=device, threads=threads)
        return cls(network, strength, strokes, keep_colour)

    def __call__(self, picture: RGB) -> RGB:
        """The picture, painted.

        Args:
            picture: (H, W, 3) uint8 RGB.

        Returns:
            uint8 RGB of the same size.

        Raises:
            LimitError: It is smaller than the network can see.
        """
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            raise LimitError(
                f"a picture of {width} x {height} pixels",
                f"at least {LEAST_SIDE} pixels each way",
                "paint a larger one",
            )
        return laid_over(
            picture, self._painted(picture), self.strength, keep_colour=self.keep_colour
        )

    def _painted(self, picture: RGB) -> RGB:
        height, width = picture.shape[:2]
        scale = min(1.0, STROKES_PX / max(height, width)) / self.strokes
        scale = max(scale, LEAST_SIDE / min(height, width))
        if abs(scale - 1) < 0.02:
            return self.network(picture)
        size = round(width * scale), round(height * scale)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        resized = np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
        back = cv2.INTER_CUBIC if scale < 1 else cv2.INTER_AREA
        return np.asarray(
            cv2.resize(self.network(resized), (width, height), interpolation=back), np.uint8
        )


def laid_over(picture: RGB, painted: RGB, strength: float, *, keep_colour: bool) -> RGB:
    """(H, W, 3) uint8 so much of a painting over its picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        painted: Likewise.
        strength: 0 leaves the picture as it is, 1 is the painting alone.
        keep_colour: Take its light and dark alone.
    """
    if keep_colour:
        painted = _in_colours_of(picture, painted)
    if strength >= 1:
        return painted
    return np.asarray(cv2.addWeighted(painted, strength, picture, 1 - strength, 0), np.uint8)


def _look(wishes: Sequence[Wish], progress: Progress | None) -> tuple[StyleWeights, Look]:
    shares = [wish.weight for wish in wishes]
    numbers = [wish.preset for wish in wishes if wish.preset is not None]
    if numbers:
        weights = preset_styles(progress=progress)
        return weights, mixed([weights.preset(number) for number in numbers], shares)
    weights, reader = any_style(progress=progress), StyleReader.open(progress=progress)
    read: list[NDArray[np.float32]] = [
        reader(read_image(wish.picture).pixels) for wish in wishes if wish.picture is not None
    ]
    return weights, mixed([weights.described(one) for one in read], shares)


def _in_colours_of(picture: RGB, painted: RGB) -> RGB:
    """The painting's light and dark with the picture's colours."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.cvtColor(painted, cv2.COLOR_RGB2LAB)[..., 0]
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
