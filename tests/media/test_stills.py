import struct
import warnings
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from masquerade.errors import LimitError, MediaError
from masquerade.media.limits import Limits
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image

MakePicture = Callable[..., NDArray[np.uint8]]
LOSSLESS = {"webp": {"lossless": True}, "avif": {"quality": 100, "subsampling": "4:4:4"}}
ORIENTATION = 0x0112


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def png(width: int, height: int, data: bytes) -> bytes:
    """A PNG file that claims a size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "bmp"])
def test_lossless_stills_come_exactly(
    tmp_path: Path, make_picture: MakePicture, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(make_picture(0)).save(path, **LOSSLESS.get(suffix, {}))
    frame, info = read_image(path), probe(path)
    assert np.array_equal(frame.pixels, make_picture(0))
    assert frame.alpha is None
    assert (info.kind, info.size_wh, info.bit_depth) == ("still", (96, 64), 8)


@pytest.mark.parametrize("suffix", ["jpg", "avif"])
def test_lossy_stills_come_closely(tmp_path: Path, make_picture: MakePicture, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(make_picture(0)).save(path, quality=95)
    difference = read_image(path).pixels.astype(int) - make_picture(0)
    assert np.abs(difference).mean() < 6


@pytest.mark.parametrize("suffix", ["png", "webp", "avif", "tiff"])
def test_alpha_of_stills_is_kept(tmp_path: Path, make_picture: MakePicture, suffix: str) -> None:
    alpha = np.arange(96, dtype=np.uint8)[None].repeat(64, 0)
    path = tmp_path / f"a.{suffix}"
    rgba = np.dstack([make_picture(0), alpha])
    Image.fromarray(rgba, "RGBA").save(path, **LOSSLESS.get(suffix, {}))
    frame = read_image(path)
    assert probe(path).has_alpha
    assert frame.alpha is not None
    assert np.abs(frame.alpha.astype(int) - alpha).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "PA", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path: Path, make_picture: MakePicture, mode: str) -> None:
    image = Image.fromarray(make_picture(0))
    suffix = "png" if mode in ("1", "L", "P", "LA") else "tiff"
    image = image.convert("P").convert("PA") if mode == "PA" else image.convert(mode)
    if mode == "PA":
        image, suffix = image.convert("LA"), "png"
    image.save(tmp_path / f"a.{suffix}")
    frame = read_image(tmp_path / f"a.{suffix}")
    assert (frame.pixels.shape, frame.pixels.dtype) == ((64, 96, 3), np.uint8)
    assert (frame.alpha is not None) == (mode in ("LA", "PA"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "avif"])
def test_exif_orientation_is_honoured_once(
    tmp_path: Path, make_picture: MakePicture, suffix: str, orientation: int
) -> None:
    path, plain = tmp_path / f"a.{suffix}", tmp_path / f"plain.{suffix}"
    image = Image.fromarray(make_picture(0))
    image.save(plain, quality=95, **LOSSLESS.get(suffix, {}) if suffix != "avif" else {})
    extra = LOSSLESS.get(suffix, {}) if suffix != "avif" else {}
    image.save(path, quality=95, exif=exif(orientation), **extra)
    turns = {1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
    stored = read_image(plain).pixels
    stored = stored[:, ::-1] if orientation in (2, 4, 5, 7) else stored
    expected = np.rot90(stored, -turns[orientation] // 90)
    frame = read_image(path)
    assert np.array_equal(frame.pixels, expected)
    assert probe(path).size_wh == frame.size_wh


@pytest.mark.parametrize("suffix", ["png", "tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_are_kept_in_the_planes(
    tmp_path: Path, rng: np.random.Generator, suffix: str, channels: int
) -> None:
    stored = rng.integers(0, 65_536, (40, 60, channels)).astype(np.uint16)
    path = tmp_path / f"a.{suffix}"
    cv2.imwrite(str(path), stored)
    frame, info = read_image(path), probe(path)
    assert frame.planes is not None
    assert (info.bit_depth, info.pixel_format) == (16, frame.planes.format)
    # OpenCV writes blue first; planes are green, blue, red, opacity.
    order = {1: [0], 3: [1, 0, 2], 4: [1, 0, 2, 3]}[channels]
    for plane, channel in zip(frame.planes.arrays, order, strict=True):
        assert np.array_equal(plane, stored[..., channel])
    red = stored[..., 2 if channels > 1 else 0]
    assert np.abs(frame.pixels[..., 0] - red / 257.0).max() <= 0.51
    assert (frame.alpha is not None) == (channels == 4)


def test_a_16_bit_still_is_turned_upright_with_its_planes(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    stored = rng.integers(0, 65_536, (40, 60, 3)).astype(np.uint16)
    done, encoded = cv2.imencode(".png", stored)
    assert done
    block = b"Exif\0\0"[6:] + exif(6).tobytes()[6:]
    body = (
        struct.pack(">I", len(block))
        + b"eXIf"
        + block
        + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    )
    data = encoded.tobytes()
    (tmp_path / "a.png").write_bytes(data[:33] + body + data[33:])
    frame = read_image(tmp_path / "a.png")
    assert frame.planes is not None
    assert frame.size_wh == (40, 60)
    assert np.array_equal(frame.planes.arrays[0], np.rot90(stored[..., 1], -1))


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "avif"])
def test_animations_keep_their_pictures_times_and_alpha(tmp_path: Path, suffix: str) -> None:
    pictures = []
    for number in range(4):
        rgba = np.zeros((40, 60, 4), np.uint8)
        rgba[10:30, 10 * number : 10 * number + 20] = (250, 40, 40, 255)
        rgba[10:14, 10 * number : 10 * number + 4, 3] = 120
        pictures.append(Image.fromarray(rgba, "RGBA"))
    path = tmp_path / f"a.{suffix}"
    delays = [40, 50, 60, 100]
    extra = {"disposal": 2} if suffix == "gif" else {"quality": 90} if suffix == "avif" else {}
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], duration=delays, loop=0, **extra
    )
    info, frames = probe(path), list(read_frames(path))
    assert (info.kind, info.frame_count, info.has_alpha) == ("animation", 4, True)
    assert info.loop_count == 0
    assert [frame.time_s * 1000 for frame in frames] == [0, 40, 90, 150]
    assert [frame.duration * frame.time_base * 1000 for frame in frames] == delays
    for number, frame in enumerate(frames):
        assert frame.alpha is not None
        assert frame.alpha[20, 10 * number + 10] > 250
        assert frame.alpha[20, (10 * number + 40) % 60] < 5
        assert frame.pixels[20, 10 * number + 10, 0] > 220
    assert np.array_equal(read_image(path).pixels, frames[0].pixels)


@pytest.mark.parametrize("rate", [24, 25, 30, 60])
def test_frame_rates_of_apng_are_exact(tmp_path: Path, rate: int) -> None:
    pictures = [Image.new("RGB", (8, 8), (number, 0, 0)) for number in range(20)]
    path = tmp_path / "a.png"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=1000 / rate)
    data = bytearray(path.read_bytes())
    at = data.find(b"fcTL")
    while at > 0:  # Pillow rounds delays to milliseconds; the format does not
        data[at + 24 : at + 28] = struct.pack(">HH", 1, rate)
        data[at + 30 : at + 34] = struct.pack(">I", zlib.crc32(bytes(data[at : at + 30])))
        at = data.find(b"fcTL", at + 4)
    path.write_bytes(data)
    assert [frame.time_s for frame in read_frames(path)] == [Fraction(n, rate) for n in range(20)]


def test_a_slice_of_an_animation_is_taken_by_pts(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8), (number * 40, 0, 0)) for number in range(5)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    assert [f.pts for f in read_frames(path, start_pts=100, stop_pts=300)] == [100, 200]


def test_a_gif_without_delays_plays_as_browsers_do(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8), (number * 40, 0, 0)) for number in range(3)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    assert [frame.time_s * 10 for frame in read_frames(tmp_path / "a.gif")] == [0, 1, 2]


def test_the_first_of_several_pages_is_read(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue")]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=pages[1:])
    for name in ("a.tiff", "a.jpg"):
        (frame,) = read_frames(tmp_path / name)
        assert probe(tmp_path / name).kind == "still"
        assert frame.pixels[0, 0, 0] > 240


def test_the_colour_profile_is_handed_on(tmp_path: Path) -> None:
    profile = b"not a profile, but bytes to keep"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", icc_profile=profile)
    assert probe(tmp_path / "a.png").icc_profile == profile


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif", "tiff", "bmp"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_truncated_stills_are_one_error(
    tmp_path: Path, make_picture: MakePicture, suffix: str, share: float
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(make_picture(0, (200, 150))).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: max(20, round(len(data) * share))])
    with pytest.raises(MediaError, match="cannot be decoded"):
        read_image(path)


def test_a_truncated_animation_is_read_to_where_it_ends(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    pictures = [Image.fromarray(make_picture(number)) for number in range(6)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=50)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    said: list[str] = []
    count = sum(1 for _ in read_frames(path, on_damage=said.append))
    assert 1 <= count < 6
    assert "breaks off" in said[0]


def test_warnings_of_others_pass_while_an_animation_is_read(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8), (number * 40, 0, 0)) for number in range(3)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    frames = read_frames(tmp_path / "a.gif")
    next(frames)
    with pytest.warns(UserWarning, match="of somebody else"):
        warnings.warn("of somebody else", UserWarning, stacklevel=1)
    filters = list(warnings.filters)
    assert sum(1 for _ in frames) == 2
    assert warnings.filters == filters


def test_a_large_photo_within_the_limits_is_not_called_damaged(tmp_path: Path) -> None:
    Image.new("1", (10_000, 10_000)).save(tmp_path / "a.png")
    assert probe(tmp_path / "a.png").damaged == ""


def test_damaged_exif_is_said(tmp_path: Path) -> None:
    block = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\x01\0"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=block)
    assert "EXIF" in probe(tmp_path / "a.jpg").damaged


@pytest.mark.parametrize("size", [(60_000, 60_000), (12_000, 12_000)])
def test_decompression_bombs_are_refused_unread(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png(*size, bytes(1_000_000)))
    for read in (probe, read_image):
        with pytest.raises(LimitError, match=r"bomb|pixels"):
            read(tmp_path / "a.png")


def test_pictures_without_pixels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(0, 0, b""))
    with pytest.raises(MediaError):
        read_image(tmp_path / "a.png")


def test_the_limit_of_pixels_is_the_callers(tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "a.png")
    with pytest.raises(LimitError, match="100 x 100 pixels"):
        read_image(tmp_path / "a.png", limits=Limits(max_pixels=9_999))
    assert read_image(tmp_path / "a.png", limits=Limits(max_pixels=10_000)).size_wh == (100, 100)


def test_a_row_longer_than_decoders_take_is_refused(tmp_path: Path) -> None:
    Image.new("1", (131_073, 1)).save(tmp_path / "a.png")
    with pytest.raises(LimitError, match="131073 x 1 pixels; expected: at most 131072 on a side"):
        read_image(tmp_path / "a.png")
    Image.new("1", (131_072, 1)).save(tmp_path / "b.png")
    assert read_image(tmp_path / "b.png").size_wh == (131_072, 1)


def test_floating_point_tiff_is_refused_in_words(tmp_path: Path) -> None:
    Image.fromarray(np.ones((8, 8), np.float32)).save(tmp_path / "a.tiff")
    with pytest.raises(MediaError, match="floating-point"):
        read_image(tmp_path / "a.tiff")


@pytest.mark.media
def test_photos_of_many_cameras_are_read(media_dir: Path) -> None:
    photos = sorted((media_dir / "exif").glob("*.jpg"))
    assert len(photos) > 10
    for path in photos:
        assert read_image(path).size_wh == probe(path).size_wh
