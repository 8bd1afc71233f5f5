"""A frame told as a difference is that very frame, or refused."""

from __future__ import annotations

import zlib
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from masquerade.errors import ProvenanceError
from masquerade.pipelines.frame_change import Region, change_of, changed
from masquerade.types import Frame, Planes


@pytest.fixture
def before(rng: np.random.Generator) -> Frame:
    pixels = rng.integers(0, 256, (20, 30, 3), np.uint8)
    luma = rng.integers(0, 1024, (20, 30), np.uint16)
    chroma = rng.integers(0, 1024, (10, 15), np.uint16)
    planes = Planes("yuv420p10le", (luma, chroma, chroma.copy()))
    alpha = rng.integers(0, 256, (20, 30), np.uint8)
    return Frame(pixels, 7, Fraction(1, 25), 1, alpha, planes)


@pytest.fixture
def after(before: Frame, rng: np.random.Generator) -> Frame:
    pixels = before.pixels.copy()
    pixels[5:9, 20:30] = rng.integers(0, 256, (4, 10, 3))
    assert before.planes
    luma, u, v = (one.copy() for one in before.planes.arrays)
    luma[5:9, 20:30] = 1023
    return replace(before, pixels=pixels, planes=replace(before.planes, arrays=(luma, u, v)))


def test_what_was_changed_comes_out_again(before: Frame, after: Frame) -> None:
    change = change_of(before, after)
    made = changed(before, change)
    np.testing.assert_array_equal(made.pixels, after.pixels)
    assert made.planes
    assert after.planes
    for one, other in zip(made.planes.arrays, after.planes.arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    assert change.regions[0] is not None
    assert (change.regions[0].rows, change.regions[0].columns) == ((5, 9), (20, 30))
    assert change.regions[1] is change.regions[3] is None


def test_nothing_changed_is_nothing_told(before: Frame) -> None:
    change = change_of(before, before)
    assert set(change.regions) == {None}
    np.testing.assert_array_equal(changed(before, change).pixels, before.pixels)


def test_another_frame_than_it_was_taken_of_is_refused(before: Frame, after: Frame) -> None:
    change = change_of(before, after)
    pixels = before.pixels.copy()
    pixels[0, 0, 0] ^= 1
    for other in (replace(before, pixels=pixels), replace(before, pts=8)):
        with pytest.raises(ProvenanceError, match="does not fit"):
            changed(other, change)


@pytest.mark.parametrize(
    "region",
    [
        Region((5, 9), (20, 40), b""),
        Region((-4, 2), (0, 3), b""),
        Region((9, 5), (0, 3), b""),
        Region((5, 9), (20, 30), b"no zlib"),
        Region((5, 9), (20, 30), zlib.compress(bytes(1 << 24))),
        Region((5,), (20, 30), b""),
        Region(("5", "9"), (20, 30), b""),
        Region((5, 9), (20, 30), "words"),
        7,
    ],
)
def test_a_region_that_is_none_is_refused(before: Frame, after: Frame, region: Any) -> None:
    change = change_of(before, after)
    with pytest.raises(ProvenanceError, match="does not fit"):
        changed(before, replace(change, regions=(region, *change.regions[1:])))


def test_a_frame_of_another_size_is_no_change(before: Frame) -> None:
    with pytest.raises(ProvenanceError, match="another kind"):
        change_of(before, Frame(before.pixels[:10], 7, Fraction(1, 25), 1))
