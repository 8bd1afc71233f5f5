"""Frames as FFmpeg's pictures: planes bit by bit, RGB by the right matrix."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.media.colour import rgb_from_planes
from masquerade.media.picture import picture
from masquerade.types import Colour, Frame, Planes

SIZE_WH = (70, 46)
BT709 = Colour(1, 1, 1)


def stored_planes(made) -> Planes:
    arrays = []
    for plane in made.planes:
        dtype = np.uint16 if made.format.components[0].bits > 8 else np.uint8
        rows = np.frombuffer(memoryview(plane), dtype)
        rows = rows.reshape(plane.height, -1)[:, : plane.width]
        arrays.append(rows.copy())
    return Planes(made.format.name, tuple(arrays), BT709)


def planes_of(name: str, bits: int, shift: tuple[int, int], rng, *, alpha: bool = False) -> Planes:
    width, height = SIZE_WH
    dtype = np.uint16 if bits > 8 else np.uint8
    small = (height >> shift[1], width >> shift[0])
    shapes = [(height, width), small, small] + [(height, width)] * alpha
    arrays = tuple(rng.integers(0, 1 << bits, shape).astype(dtype) for shape in shapes)
    return Planes(name, arrays, BT709)


def frame_with(planes: Planes | None, pixels=None, alpha=None) -> Frame:
    if pixels is None:
        pixels = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    return Frame(pixels, 7, Fraction(1, 30), 1, alpha, planes)


@pytest.mark.parametrize(
    ("name", "bits", "shift", "alpha"),
    [
        ("yuv420p", 8, (1, 1), False),
        ("yuv422p10le", 10, (1, 0), False),
        ("yuv444p12le", 12, (0, 0), False),
        ("yuva420p", 8, (1, 1), True),
    ],
)
def test_planes_of_the_wanted_format_go_through_bit_by_bit(name, bits, shift, alpha, rng):
    planes = planes_of(name, bits, shift, rng, alpha=alpha)
    made = picture(frame_with(planes), name, BT709)
    assert (made.pts, made.time_base) == (7, Fraction(1, 30))
    for before, after in zip(planes.arrays, stored_planes(made).arrays, strict=True):
        np.testing.assert_array_equal(before, after)


def test_planes_that_are_views_of_turned_arrays_are_copied_right(rng):
    planes = planes_of("yuv444p", 8, (0, 0), rng)
    turned = Planes("yuv444p", tuple(array[::-1, ::-1] for array in planes.arrays), BT709)
    made = stored_planes(picture(frame_with(turned), "yuv444p", BT709))
    np.testing.assert_array_equal(made.arrays[0], planes.arrays[0][::-1, ::-1])


def test_more_bits_change_the_depth_and_nothing_else(rng):
    planes = planes_of("yuv420p", 8, (1, 1), rng)
    made = stored_planes(picture(frame_with(planes), "yuv420p10le", BT709))
    np.testing.assert_allclose(made.arrays[0] / 4, planes.arrays[0], atol=0.5)
    np.testing.assert_allclose(made.arrays[1] / 4, planes.arrays[1], atol=0.5)


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", [1, 6, 9])
def test_rgb_comes_back_through_the_matrix_of_the_tags(matrix, full_range):
    y, x = np.mgrid[: SIZE_WH[1], : SIZE_WH[0]]
    pixels = np.stack([x * 3, y * 5, 255 - x - y], axis=2).clip(0, 255).astype(np.uint8)
    colour = Colour(matrix, 1, 1, full_range=full_range)
    made = stored_planes(picture(frame_with(None, pixels), "yuv444p", colour))
    back = rgb_from_planes(Planes(made.format, made.arrays, colour))
    assert np.abs(back.astype(int) - pixels).max() <= 3


def test_alpha_beside_the_planes_becomes_the_fourth_plane(rng):
    planes = planes_of("yuv444p", 8, (0, 0), rng)
    alpha = rng.integers(0, 256, SIZE_WH[::-1]).astype(np.uint8)
    made = picture(frame_with(planes, alpha=alpha), "yuva444p10le", BT709)
    stored = stored_planes(made).arrays[3]
    np.testing.assert_array_equal(stored >> 2, alpha)
    assert stored.max() <= 1023


def test_full_range_becomes_limited_where_the_output_says_so_and_always_alike(rng):
    for _ in range(40):  # the scaler's own threads spoilt one picture in ten
        planes = planes_of("yuv422p10le", 10, (1, 0), rng)
        full = Planes(planes.format, planes.arrays, Colour(1, 1, 1, full_range=True))
        made = stored_planes(picture(frame_with(full), "yuv422p10le", BT709))
        expected = 64 + planes.arrays[0] * (876 / 1023)
        assert np.abs(made.arrays[0] - expected).max() <= 2
