"""What the learned detector is shown of a face that reaches beyond its picture."""

import numpy as np
import pytest

from masquerade.forensics.face_input import SIDE, face_input, mirrored
from masquerade.forensics.sample import CUT_PX


def _cut_off(top: int, bottom: int, left: int, right: int, rng: np.random.Generator) -> np.ndarray:
    pixels = rng.integers(60, 200, (CUT_PX, CUT_PX, 3)).astype(np.uint8)
    pixels[:top], pixels[CUT_PX - bottom :] = 0, 0
    pixels[:, :left], pixels[:, CUT_PX - right :] = 0, 0
    return pixels


@pytest.mark.parametrize("bars", [(30, 0, 0, 0), (0, 41, 0, 17), (36, 36, 36, 36), (150, 0, 0, 0)])
def test_beyond_its_edge_a_picture_goes_on_mirrored(
    bars: tuple[int, int, int, int], rng: np.random.Generator
) -> None:
    pixels = _cut_off(*bars, rng)
    found = mirrored(pixels)
    inner = tuple(slice(a + 1, CUT_PX - b - 1) for a, b in (bars[:2], bars[2:]))
    assert found.shape == pixels.shape
    assert found.min() >= 60
    assert np.array_equal(found[inner], pixels[inner])
    assert face_input([pixels]).min() >= 60
    assert face_input([pixels]).shape == (1, 3, SIDE, SIDE)


@pytest.mark.parametrize("bars", [(0, 0, 0, 0), (128, 128, 0, 0), (120, 120, 0, 0)])
def test_a_whole_cut_out_and_one_that_is_black_stay_as_they_are(
    bars: tuple[int, int, int, int], rng: np.random.Generator
) -> None:
    pixels = _cut_off(*bars, rng)
    assert np.array_equal(mirrored(pixels), pixels)
