"""A part from another JPEG is found by its grid; one grid all over is no finding."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.forensics.doubt import ALONE
from masquerade.forensics.evidence import Applies, Evidence, Family
from masquerade.forensics.face_parts import luma
from masquerade.forensics.grid_votes import grids
from masquerade.forensics.resaved import resaved
from masquerade.forensics.signals import jpeg_grid

Pixels = NDArray[np.uint8]


@pytest.mark.parametrize("origin", [(0, 0), (3, 5)])
def test_the_origin_of_the_main_grid_is_found(textured: Pixels, origin: tuple[int, int]) -> None:
    x, y = ((8 - one) % 8 for one in origin)
    found = grids(luma(resaved(textured, 70)[y:, x:]))
    assert found.origin == origin
    assert found.box is None


def test_a_part_on_another_grid_is_found(textured: Pixels) -> None:
    base = resaved(textured, 70)
    other = resaved(np.ascontiguousarray(textured[::-1]), 70)
    made = base.copy()
    made[67:163, 101:213] = other[64:160, 96:208]
    found = grids(luma(made))
    assert found.box is not None
    assert found.foreign_origin == (5, 3)
    x0, y0, x1, y1 = found.box
    assert max(abs(x0 - 101), abs(y0 - 67), abs(x1 - 213), abs(y1 - 163)) <= 16
    assert found.foreign_log10_nfa < -10


def test_what_was_never_a_jpeg_has_no_grid(rng: np.random.Generator) -> None:
    noise: NDArray[Any] = rng.uniform(0, 255, (128, 160)).astype(np.float32)
    assert grids(noise).origin is None


def test_a_plain_picture_has_no_grid() -> None:
    assert grids(np.full((64, 64), 90, np.float32)).origin is None


def test_the_only_part_with_a_grid_is_found(textured: Pixels, rng: np.random.Generator) -> None:
    noise = rng.normal(0, 2, textured.shape[:2])[..., None]
    base = np.clip(textured + noise, 0, 255).astype(np.uint8)
    base[67:163, 101:213] = resaved(textured, 60)[64:160, 96:208]
    found = grids(luma(base))
    assert found.box is not None
    assert found.origin == found.foreign_origin == (5, 3)


def test_a_foreign_part_alone_never_decides() -> None:
    one = Evidence("jpeg_grid", Family.IMAGE, Applies.YES, "a", log10_lr=2.4, ci95=(2.3, 2.4))
    bounded = jpeg_grid._bounded(one)
    assert bounded.log10_lr == jpeg_grid.MOST < ALONE
    assert bounded.ci95 == (jpeg_grid.MOST, jpeg_grid.MOST)
