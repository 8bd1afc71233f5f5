"""Masks over the frames of a shot."""

from dataclasses import replace
from typing import cast

import numpy as np
from tests.effects.test_effects import portrait

from masquerade.effects.steady_masks import SteadyMasks
from masquerade.models.person_mask import PersonMask
from masquerade.types import RGB, Face, Frame, Mask


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


def _jump(one: Mask | None, other: Mask | None) -> float:
    assert one is not None
    assert other is not None
    return float(np.abs(one - other).sum())


class _Everything:
    """Takes all that it sees for people."""

    def __call__(self, picture: RGB) -> Mask:
        return np.ones(picture.shape[:2], np.float32)


def test_skin_beside_a_face_holds_still_where_its_colour_is_hardly_that_of_skin() -> None:
    one = portrait()
    marks = np.column_stack([one.points, one.depth]).astype(np.float32)
    face = Face((0.0, 0.0, 1.0, 1.0), 1.0, marks, (0.0, 0.0, 0.0))
    pixels = one.pixels.copy()
    under = round(float(one.points[152, 1])) + 8
    pixels[under:] = (205, 160, 138)  # a neck,
    pixels[under + 8 :] = (190, 124, 96)  # in a light of which noise decides
    shades = [pixels, pixels.copy()]
    shades[1][under + 8 :, :, 2] += 14
    masks = SteadyMasks(cast(PersonMask, _Everything()), hair=False, skin=0.55)

    held = [masks.of(Frame(shades[k % 2]), (face,)).beside for k in range(8)]
    alone = [
        SteadyMasks(cast(PersonMask, _Everything()), hair=False, skin=0.55)
        .of(Frame(shade), (face,))
        .beside
        for shade in shades
    ]

    jumps = _jump(*alone)
    assert jumps > 200
    assert _jump(*held[-2:]) < jumps / 2


def test_what_is_known_of_skin_beside_a_face_is_taken_as_it_is() -> None:
    one = portrait()
    known = np.zeros(one.pixels.shape[:2], np.float32)
    known[-20:] = 0.5

    found = replace(one, beside=known).all_skin()

    assert (found[-5:] == 0.5).all()
    assert found[:5].max() == 0
