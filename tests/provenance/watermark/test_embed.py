import numpy as np
import pytest
from scenes import KEY, photo, psnr

from masquerade.errors import UsageError
from masquerade.media.colour import rgb_from_planes
from masquerade.provenance.watermark.embed import Marker, chip_size, psnr_db
from masquerade.types import Colour, Frame, Planes


@pytest.mark.parametrize(
    "size_wh", [(64, 64), (225, 275), (641, 359), (1280, 720), (720, 1280), (2000, 1500)]
)
def test_a_marked_picture_keeps_its_psnr(size_wh: tuple[int, int]) -> None:
    frame = Frame(photo(*size_wh))

    marked = Marker(77, KEY, size_wh).mark(frame)

    assert psnr(frame.pixels, marked.pixels) >= 42
    assert not np.array_equal(frame.pixels, marked.pixels)


@pytest.mark.parametrize("size_wh", [(1, 1), (1, 900), (7, 5), (8000, 16)])
def test_every_size_is_marked_without_a_fault(size_wh: tuple[int, int]) -> None:
    marked = Marker(1, KEY, size_wh).mark(Frame(photo(*size_wh)))

    assert marked.size_wh == size_wh


@pytest.mark.parametrize("level", [0, 255])
def test_pure_black_and_white_stay_pure(level: int) -> None:
    flat = np.full((120, 160, 3), level, np.uint8)

    assert np.array_equal(Marker(1, KEY, (160, 120)).mark(Frame(flat)).pixels, flat)


def test_calm_areas_take_less_than_rough_ones(rng: np.random.Generator) -> None:
    pixels = np.full((256, 512, 3), 128, np.uint8)
    pixels[:, 256:] = rng.integers(90, 166, (256, 256, 1))

    change = Marker(1, KEY, (512, 256)).mark(Frame(pixels)).pixels.astype(float) - pixels

    assert change[:, :240].std() < 1.0
    assert change[:, 272:].std() > 1.8


def test_where_nothing_is_seen_nothing_changes() -> None:
    pixels = photo(200, 160)
    alpha = np.zeros((160, 200), np.uint8)
    alpha[:, 100:] = 200

    marked = Marker(1, KEY, (200, 160)).mark(Frame(pixels, alpha=alpha))

    assert np.array_equal(marked.pixels[:, :100], pixels[:, :100])
    assert not np.array_equal(marked.pixels[:, 100:], pixels[:, 100:])
    assert marked.alpha is alpha


def as_planes(name: str, colour: Colour) -> Planes:
    bits = int(name.removeprefix("yuv420p").removeprefix("gray").removesuffix("le") or 8)
    kind = np.uint8 if bits == 8 else np.uint16
    luma = (photo(320, 240)[..., 1].astype(np.uint16) * 219 // 255 + 16) << (bits - 8)
    chroma = np.full((120, 160), 128 << (bits - 8), kind)
    arrays = (
        (luma.astype(kind),) if name.startswith("gray") else (luma.astype(kind), chroma, chroma)
    )
    return Planes(name, arrays, colour)


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gray", "gray12le"])
@pytest.mark.parametrize("full_range", [False, True])
def test_planes_and_pixels_take_the_same_mark(name: str, full_range: bool) -> None:
    planes = as_planes(name, Colour(1, 1, 1, full_range))
    frame = Frame(rgb_from_planes(planes), planes=planes)

    marked = Marker(9, KEY, frame.size_wh).mark(frame)

    assert marked.planes is not None
    difference = rgb_from_planes(marked.planes).astype(int) - marked.pixels
    assert abs(difference).max() <= 2
    for old, new in zip(planes.arrays[1:], marked.planes.arrays[1:], strict=True):
        assert old is new


def test_ten_bits_take_the_mark_finer_than_eight() -> None:
    planes = as_planes("yuv420p10le", Colour(1, 1, 1))
    frame = Frame(rgb_from_planes(planes), planes=planes)

    marked = Marker(9, KEY, frame.size_wh).mark(frame).planes

    assert marked is not None
    steps = marked.arrays[0].astype(int) - planes.arrays[0]
    assert set(np.unique(steps % 4)) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("size_wh", "chip", "least_db"),
    [
        ((64, 64), 1.25, 42.4),
        ((1280, 720), 1.5, 43.0),
        ((3840, 2160), 3, 43.8),
        ((7680, 4320), 6, 43.8),
    ],
)
def test_large_pictures_have_larger_chips_and_less_of_them(
    size_wh: tuple[int, int], chip: float, least_db: float
) -> None:
    assert chip_size(size_wh) == chip
    assert psnr_db(size_wh) == pytest.approx(least_db, abs=0.1)


def test_strength_scales_the_mark() -> None:
    frame = Frame(photo(300, 300))

    weak, strong = (
        psnr(frame.pixels, Marker(1, KEY, (300, 300), strength=s).mark(frame).pixels)
        for s in (0.5, 2.0)
    )

    assert weak > 47
    assert 35 < strong < 40


def test_wrong_sizes_and_strengths_are_refused() -> None:
    with pytest.raises(UsageError, match="frame of"):
        Marker(1, KEY, (64, 64)).mark(Frame(photo(65, 64)))
    for strength in (0, -1, 5, float("nan")):
        with pytest.raises(UsageError, match=f"strength {strength}"):
            Marker(1, KEY, (64, 64), strength=strength)
