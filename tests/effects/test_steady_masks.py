"""Masks over the frames of a shot."""

from typing import cast

import numpy as np

from masquerade.effects.steady_masks import SteadyMasks
from masquerade.models.person_mask import PersonMask
from masquerade.types import RGB, Frame, Mask


class _Trembling:
    """Finds somebody whose edge jumps to and fro."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, picture: RGB) -> Mask:
        self._calls += 1
        found = np.zeros(picture.shape[:2], np.float32)
        found[:, : 40 + 4 * (self._calls % 2)] = 1
        return found


def test_edges_hold_still_where_the_picture_does(rng: np.random.Generator) -> None:
    pixels = np.repeat(rng.integers(60, 200, (12, 12, 3)), 8, axis=0).repeat(8, axis=1)
    frame = Frame(pixels.astype(np.uint8))
    alone = [
        SteadyMasks(cast(PersonMask, network), hair=False).of(frame, ()).people
        for network in [_Trembling()] * 2
    ]
    masks = SteadyMasks(cast(PersonMask, _Trembling()), hair=False)

    held = [masks.of(frame, ()) for _ in range(8)]

    assert held[0].hair is None
    jumps = np.abs(alone[1] - alone[0]).sum()
    assert np.abs(held[-1].people - held[-2].people).sum() < jumps / 2
