import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from masquerade.media.colour import (
    LUMA_WEIGHTS,
    add_luma,
    coarse_from_planes,
    matrix_number,
    replace,
    rgb_from_planes,
    yuv_from_rgb,
)
from masquerade.media.layout import layout
from masquerade.types import Colour, Frame, Planes

FORMATS = [
    "yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuva420p", "yuv420p10le",
    "yuv422p10le", "yuv444p12le", "yuv420p16le", "gray", "gray10le", "gbrp", "gbrp10le", "gbrap",
    "gbrap16le",
]  # fmt: skip
PATCHES = {
    "black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128), "red": (255, 0, 0),
    "green": (0, 255, 0), "blue": (0, 0, 255), "skin": (224, 172, 105),
}  # fmt: skip


def random_frame(
    rng: np.random.Generator, name: str, size_wh: tuple[int, int], *, full_range: bool = False
) -> Frame:
    """A frame whose planes are noise within the legal range."""
    kind = layout(name)
    width, height = size_wh
    low, high = (40, 200) if kind.kind != "rgb" else (0, 256)
    arrays = []
    for index in range(kind.planes):
        chroma = kind.kind == "yuv" and index in (1, 2)
        shape = (-(-height // 2**kind.sub_y), -(-width // 2**kind.sub_x))
        shape = shape if chroma else (height, width)
        noise = rng.integers(110 if chroma else low, 146 if chroma else high, shape)
        arrays.append((noise << (kind.bits - 8)).astype(np.uint8 if kind.bits == 8 else np.uint16))
    planes = Planes(name, tuple(arrays), Colour(full_range=full_range))
    return Frame(rgb_from_planes(planes), planes=planes)


def planes_of(frame: Frame) -> tuple[NDArray[np.uint8] | NDArray[np.uint16], ...]:
    assert frame.planes is not None
    return frame.planes.arrays


@pytest.mark.parametrize("name", FORMATS)
def test_replacing_with_the_same_pixels_changes_no_bit(rng: np.random.Generator, name: str) -> None:
    frame = random_frame(rng, name, (53, 37))
    after = replace(frame, frame.pixels[5:30, 7:40], (7, 5, 40, 30))
    assert all(map(np.array_equal, planes_of(after), planes_of(frame)))
    assert np.array_equal(after.pixels, frame.pixels)


@pytest.mark.parametrize("name", FORMATS)
def test_replacing_leaves_every_plane_outside_the_box_bit_exact(
    rng: np.random.Generator, name: str
) -> None:
    frame = random_frame(rng, name, (53, 37))
    x0, y0, x1, y1 = box = (7, 5, 40, 30)
    new = rng.integers(0, 256, (25, 33, 3), dtype=np.uint8)
    after = replace(frame, new, box)
    kind = layout(name)
    for index, (now, before) in enumerate(zip(planes_of(after), planes_of(frame), strict=True)):
        chroma = kind.kind == "yuv" and index in (1, 2)
        step_x, step_y = (1 << kind.sub_x, 1 << kind.sub_y) if chroma else (1, 1)
        inside = np.zeros(now.shape, bool)
        inside[y0 // step_y : -(-y1 // step_y), x0 // step_x : -(-x1 // step_x)] = True
        assert np.array_equal(now[~inside], before[~inside])
        assert now.dtype == before.dtype
        opacity = kind.alpha and index == kind.planes - 1
        assert np.array_equal(now, before) == opacity


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("name", [name for name in FORMATS if not name.startswith("gray")])
def test_a_flat_region_comes_back_as_the_colour_put_in(
    rng: np.random.Generator, name: str, full_range: bool
) -> None:
    frame = random_frame(rng, name, (64, 48), full_range=full_range)
    flat = Frame(np.full_like(frame.pixels, 90), planes=frame.planes)
    assert flat.planes is not None
    even = [np.full_like(plane, np.median(plane)) for plane in flat.planes.arrays]
    planes = Planes(name, tuple(even), flat.planes.colour)
    even_frame = Frame(rgb_from_planes(planes), planes=planes)
    for colour in PATCHES.values():
        after = replace(even_frame, np.full((32, 32, 3), colour, np.uint8), (8, 8, 40, 40))
        assert after.planes is not None
        middle = rgb_from_planes(after.planes)[16:32, 16:32].astype(int)
        assert np.abs(middle - colour).max() <= 4
        assert tuple(after.pixels[20, 20]) == colour


def test_the_precision_of_ten_bits_is_kept_under_a_change(rng: np.random.Generator) -> None:
    fine = [rng.integers(low, low + 40, (32, 32)).astype(np.uint16) for low in (400, 490, 490)]
    planes = Planes("yuv444p10le", tuple(fine))
    frame = Frame(rgb_from_planes(planes), planes=planes)
    brighter = frame.pixels + np.uint8(10)
    luma = planes_of(replace(frame, brighter, (0, 0, 32, 32)))[0].astype(int)
    steps = luma - fine[0]
    assert steps.min() == steps.max() == round(10 * 219 / 255 * 4)


def test_values_stay_within_the_bits_of_the_format(rng: np.random.Generator) -> None:
    top = np.full((16, 16), 1023, np.uint16)
    planes = Planes("yuv444p10le", (top, top, top))
    frame = Frame(np.zeros((16, 16, 3), np.uint8), planes=planes)
    after = replace(frame, np.full((16, 16, 3), 255, np.uint8), (0, 0, 16, 16))
    assert all(plane.max() <= 1023 for plane in planes_of(after))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(FORMATS),
    size=st.tuples(st.integers(8, 40), st.integers(8, 40)),
    corners=st.tuples(*[st.floats(0, 1)] * 4),
    seed=st.integers(0, 1000),
)
def test_any_box_of_any_format_can_be_replaced(
    name: str, size: tuple[int, int], corners: tuple[float, ...], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    frame = random_frame(rng, name, size)
    x0, x1 = sorted(round(share * (size[0] - 1)) for share in corners[:2])
    y0, y1 = sorted(round(share * (size[1] - 1)) for share in corners[2:])
    box = (x0, y0, x1 + 1, y1 + 1)
    new = rng.integers(0, 256, (y1 + 1 - y0, x1 + 1 - x0, 3), dtype=np.uint8)
    after = replace(frame, new, box)
    assert np.array_equal(after.pixels[y0 : y1 + 1, x0 : x1 + 1], new)
    assert [plane.shape for plane in planes_of(after)] == [p.shape for p in planes_of(frame)]
    same = replace(frame, frame.pixels[y0 : y1 + 1, x0 : x1 + 1], box)
    assert all(map(np.array_equal, planes_of(same), planes_of(frame)))


def test_a_frame_without_planes_only_changes_its_pixels() -> None:
    frame = Frame(np.zeros((8, 8, 3), np.uint8), pts=7)
    after = replace(frame, np.full((2, 3, 3), 9, np.uint8), (1, 2, 4, 4))
    assert after.pixels.sum() == 2 * 3 * 3 * 9
    assert frame.pixels.sum() == 0
    assert (after.pts, after.planes) == (7, None)


@pytest.mark.parametrize(
    ("size_wh", "tag", "expected"),
    [
        ((720, 576), 2, 6),
        ((1024, 576), 2, 6),
        ((1280, 720), 2, 1),
        ((720, 1280), 2, 1),
        ((960, 640), 2, 1),
        ((640, 480), 1, 1),
        ((1920, 1080), 5, 5),
        ((3840, 2160), 9, 9),
        ((640, 480), 0, 6),
    ],
)
def test_the_matrix_is_the_tag_and_else_follows_the_size(
    size_wh: tuple[int, int], tag: int, expected: int
) -> None:
    assert matrix_number(Colour(matrix=tag), size_wh) == expected


@pytest.mark.parametrize("number", LUMA_WEIGHTS)
def test_grey_has_no_chroma_in_any_matrix(number: int) -> None:
    assert np.allclose(yuv_from_rgb(number) @ np.ones(3), (1, 0, 0))


@pytest.mark.parametrize(
    ("yuv", "rgb"),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((63, 102, 240), (255, 1, 0)),
    ],
)
def test_reference_colours_of_bt709_convert_as_the_standard_says(
    yuv: tuple[int, int, int], rgb: tuple[int, int, int]
) -> None:
    planes = Planes("yuv444p", tuple(np.full((4, 4), v, np.uint8) for v in yuv), Colour(matrix=1))
    assert np.abs(rgb_from_planes(planes)[0, 0].astype(int) - rgb).max() <= 1


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("full_range", [False, True])
def test_brighter_planes_give_brighter_pixels_and_keep_their_chroma(
    rng: np.random.Generator, name: str, full_range: bool
) -> None:
    frame = random_frame(rng, name, (70, 50), full_range=full_range)
    delta = rng.integers(-40, 41, (50, 70)).astype(np.int16)

    changed = add_luma(frame, delta, unit=8)

    assert changed.planes is not None
    assert frame.planes is not None
    kept = slice(1, 3) if layout(name).kind == "yuv" else slice(3, None)
    for old, new in zip(frame.planes.arrays[kept], changed.planes.arrays[kept], strict=True):
        assert old is new
    seen = rgb_from_planes(changed.planes).astype(int) - rgb_from_planes(frame.planes)
    inside = (frame.pixels.min(axis=2) > 8) & (frame.pixels.max(axis=2) < 247)
    assert np.abs(seen - delta[..., None] / 8)[inside].max() <= 1.7
    assert (
        np.abs((changed.pixels.astype(int) - frame.pixels) - delta[..., None] / 8)[inside].max()
        <= 0.5
    )


@pytest.mark.parametrize(("level", "step", "expected"), [(254, 5, 255), (3, -5, 0), (128, 0, 128)])
def test_brightness_stops_at_black_and_white(level: int, step: int, expected: int) -> None:
    frame = Frame(np.full((40, 30, 3), level, np.uint8))

    changed = add_luma(frame, np.full((40, 30), step, np.int16))

    assert (changed.pixels == expected).all()
    assert (frame.pixels == level).all()


@pytest.mark.parametrize(
    "name", ["yuv420p", "yuv422p10le", "yuva444p", "gbrp", "gbrap16le", "gray", "gray12le"]
)
def test_single_pixels_are_those_of_the_whole_picture(name: str) -> None:
    kind = layout(name)
    steps = np.linspace(40, 200, 64)[None].repeat(48, axis=0) * 2 ** (kind.bits - 8)
    luma = steps.astype(np.uint8 if kind.bits == 8 else np.uint16)
    small = luma[:: 1 << kind.sub_y, :: 1 << kind.sub_x]
    count = 1 if kind.kind == "gray" else 3
    planes = Planes(name, (luma, *[small] * (count - 1), *[luma] * kind.alpha))
    rows, columns = np.array([3, 20, 41]), np.array([2, 30, 61])
    whole = rgb_from_planes(planes)[np.ix_(rows, columns)].astype(int)
    assert np.abs(coarse_from_planes(planes, rows, columns).astype(int) - whole).max() <= 6
