"""Faces drawn again by a network: what decoders of swap networks leave, on anybody's own face.

The base that trained swaps begin with (`train.swap_base`) draws a face through a narrow place and
64 pixels. Here it draws the very face that it is shown, with the same expression; nobody becomes
anybody else. Its code is disturbed a little each time, so that what is learnt is not one network.
"""

from __future__ import annotations

from typing import Final, Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.faces.trained_face import lay, looked_at
from masquerade.models.trained.swap_base import read_base, shipped_base
from masquerade.train.swap.network import SwapNetwork
from masquerade.types import RGB
from train.face_material import Picture

_PRESET: Final = "tiny"
_DISTURBED: Final = 0.1  # at most, of the code's size
_FEATHER: Final = (0.02, 0.25)  # of the soft edge, in interocular distances


class Redrawer:
    """Draws faces again.

    Args:
        network: That draws.
    """

    def __init__(self, network: SwapNetwork) -> None:
        self._network = network.eval()

    @classmethod
    def open(cls) -> Self:
        """With the base that ships.

        Raises:
            ModelError: None ships.
        """
        path = shipped_base(_PRESET)
        if path is None:
            raise ModelError(f"no base ships for {_PRESET}", "the package as it was published")
        shape, weights = read_base(path)
        network = SwapNetwork(shape)
        network.load_state_dict({name: torch.from_numpy(one) for name, one in weights.items()})
        return cls(network)

    def drawn(self, picture: Picture, rng: np.random.Generator) -> tuple[RGB, NDArray[np.float32]]:
        """((S, S, 3) the face drawn again, (S, S) in [0, 1] where it lies).

        Args:
            picture: A real one.
            rng: Decides which way through the network, how far its code is disturbed, and how wide
                the soft edge is.
        """
        shape = self._network.shape
        seen = looked_at(picture.pixels, picture.landmarks, shape.side, shape.finer)
        made = self._through(seen, rng)
        if rng.random() < 0.3:
            size_wh = (shape.side, shape.side)
            again = cv2.resize(made, size_wh, interpolation=cv2.INTER_AREA)
            made = self._through(np.asarray(again, np.uint8), rng)
        size = picture.pixels.shape[0]
        laid = lay(made, None, picture.landmarks, (0, 0, size, size), picture.face_px)
        mask = np.clip(laid.inward / rng.uniform(*_FEATHER), 0, 1)
        return _detailed(laid.pixels, picture.pixels, rng), np.asarray(mask, np.float32)

    def _through(self, face: RGB, rng: np.random.Generator) -> RGB:
        """(D, D, 3) a face on the map, drawn again."""
        with torch.no_grad():
            shown = torch.from_numpy(np.ascontiguousarray(face.transpose(2, 0, 1)))[None].float()
            code = self._network.encoder(shown / 255)
            noise = torch.from_numpy(rng.standard_normal(code.shape).astype(np.float32))
            code = code + float(rng.uniform(0, _DISTURBED)) * noise
            shared = self._network.inter_ab(code)
            other = self._network.inter_b(code) if rng.random() < 0.5 else shared
            pixels = self._network.decoder(torch.cat([other, shared], dim=1)).pixels[0]
        levels = (pixels * 255).round().clamp(0, 255).byte().numpy()
        return np.ascontiguousarray(levels.transpose(1, 2, 0))


def _detailed(drawn: RGB, real: RGB, rng: np.random.Generator) -> RGB:
    """With some of the real detail, in half of all: larger networks draw more than the base."""
    if rng.random() < 0.5:
        return drawn
    soft = cv2.GaussianBlur(real, (0, 0), rng.uniform(1, 4)).astype(np.float32)
    made = drawn + rng.uniform(0.3, 1) * (real - soft)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def sharpened(pixels: RGB, rng: np.random.Generator) -> RGB:
    """As swap programs do after drawing: sharper, with some grain; or neither.

    Args:
        pixels: (S, S, 3) uint8.
        rng: Decides how far.
    """
    made = pixels.astype(np.float32)
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(made, (0, 0), rng.uniform(1, 3))
        made += rng.uniform(0.3, 1.5) * (made - soft)
    if rng.random() < 0.3:
        made += rng.normal(0, rng.uniform(1, 5), (*pixels.shape[:2], 1))
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)
