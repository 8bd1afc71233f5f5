"""Stills as files: pixels, transparency, colour profile, tags that are harmless and no others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from masquerade.errors import UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_image
from masquerade.media.write_stills import write_still
from masquerade.types import Colour, Frame, Planes

ENDINGS = [".jpg", ".png", ".webp", ".avif", ".tiff"]
BEST = Encoding(still_quality=100)


@pytest.fixture
def pixels() -> np.ndarray:
    y, x = np.mgrid[:48, :64]
    return np.stack([x * 4, y * 5, 255 - x - y], axis=2).clip(0, 255).astype(np.uint8)


@pytest.fixture
def tagged(tmp_path, pixels) -> MediaInfo:
    """A JPEG lying on its side with a colour profile, the time, the camera and the place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "Somebody"
    exif[ExifTags.Base.Make] = "Camera maker"
    exif[ExifTags.Base.ExifOffset] = {
        ExifTags.Base.DateTimeOriginal: "2024:05:01 10:00:00",
        ExifTags.Base.BodySerialNumber: "12345",
        ExifTags.Base.MakerNote: b"secret",
    }
    exif[ExifTags.Base.GPSInfo] = {1: "N", 2: (48.0, 8.0, 0.0)}
    path = tmp_path / "in.jpg"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pixels).save(path, exif=exif, icc_profile=profile, quality=95)
    return probe(path)


def info_of(pixels: np.ndarray, **changes) -> MediaInfo:
    height, width = pixels.shape[:2]
    info = MediaInfo(Path("made"), "video", "made", size_wh=(width, height), pixel_format="yuv420p")
    return replace(info, **changes)


@pytest.mark.parametrize(
    ("ending", "most"), [(".jpg", 6), (".png", 0), (".webp", 0), (".avif", 3), (".tiff", 0)]
)
def test_pixels_come_back(tmp_path, pixels, ending, most):
    out = tmp_path / f"out{ending}"
    assert write_still(Frame(pixels), out, info_of(pixels), BEST) == ()
    assert np.abs(read_image(out).pixels.astype(int) - pixels).max() <= most


@pytest.mark.parametrize("ending", ENDINGS)
def test_profile_and_harmless_tags_are_kept_the_others_named(tmp_path, tagged, ending):
    out = tmp_path / f"out{ending}"
    notes = " ".join(write_still(read_image(tagged.path), out, tagged, Encoding()))
    made = probe(out)
    assert made.icc_profile == tagged.icc_profile
    assert made.rotation_deg == 0
    assert made.size_wh == tagged.size_wh == (48, 64)
    with Image.open(out) as image:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        assert exif[ExifTags.Base.Artist] == "Somebody"
        assert details[ExifTags.Base.DateTimeOriginal] == "2024:05:01 10:00:00"
        assert ExifTags.Base.Make not in exif
        assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert set(details) == {ExifTags.Base.DateTimeOriginal}
    for name in ("GPS position", "Make", "BodySerialNumber", "MakerNote"):
        assert name in notes
    data = out.read_bytes()
    assert b"12345" not in data
    assert b"Camera maker" not in data


@pytest.mark.parametrize("ending", [".png", ".webp", ".avif", ".tiff"])
def test_transparency_is_kept(tmp_path, pixels, ending):
    alpha = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
    out = tmp_path / f"out{ending}"
    write_still(Frame(pixels, alpha=alpha), out, info_of(pixels), BEST)
    made = read_image(out)
    assert np.abs(made.alpha.astype(int) - alpha).max() <= (2 if ending == ".avif" else 0)


def test_jpeg_lays_transparency_over_white_and_says_so(tmp_path, pixels):
    alpha = np.zeros(pixels.shape[:2], np.uint8)
    alpha[:, 32:] = 255
    out = tmp_path / "out.jpg"
    notes = write_still(Frame(pixels, alpha=alpha), out, info_of(pixels), Encoding())
    made = read_image(out).pixels
    assert made[:, :24].min() >= 250
    assert "transparency" in " ".join(notes)


def test_jpeg_is_written_without_chroma_subsampling(tmp_path, pixels):
    out = tmp_path / "out.jpg"
    write_still(Frame(pixels), out, info_of(pixels), Encoding())
    with Image.open(out) as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}


@pytest.mark.parametrize(
    ("name", "bits", "alpha"),
    [("gbrp16le", 16, False), ("gbrap12le", 12, True), ("gray10le", 10, False)],
)
def test_png_keeps_more_than_8_bits(tmp_path, rng, name, bits, alpha):
    count = 1 if name.startswith("gray") else 3 + alpha
    arrays = tuple(rng.integers(0, 1 << bits, (20, 30)).astype(np.uint16) for _ in range(count))
    planes = Planes(name, arrays, Colour(0, full_range=True))
    frame = Frame(np.zeros((20, 30, 3), np.uint8), planes=planes)
    out = tmp_path / "out.png"
    info = info_of(frame.pixels, bit_depth=bits, pixel_format=name)
    assert write_still(frame, out, info, Encoding()) == ()
    made = read_image(out).planes
    order = (0, 0, 0) if count == 1 else range(count)
    for number, stored in enumerate(order):
        np.testing.assert_array_equal(made.arrays[number] >> (16 - bits), arrays[stored])


def test_fewer_bits_than_the_input_are_said(tmp_path, pixels):
    notes = write_still(Frame(pixels), tmp_path / "a.jpg", info_of(pixels, bit_depth=16), BEST)
    assert notes == ("a picture of 16 bits is written with 8",)


def test_profile_that_is_not_for_rgb_is_left_out_and_said(tmp_path, pixels):
    grey = bytes(16) + b"GRAY" + bytes(100)
    notes = write_still(Frame(pixels), tmp_path / "a.png", info_of(pixels, icc_profile=grey), BEST)
    assert "profile" in notes[0]
    assert probe(tmp_path / "a.png").icc_profile == b""


@pytest.mark.parametrize(
    ("name", "error"),
    [("out.bmp", UsageError), ("out", UsageError), ("missing/out.png", UsageError)],
)
def test_what_cannot_be_written_is_refused(tmp_path, pixels, name, error):
    with pytest.raises(error):
        write_still(Frame(pixels), tmp_path / name, info_of(pixels), Encoding())


def test_a_temporary_name_takes_the_format_of_the_ending_given(tmp_path, pixels):
    out = tmp_path / "still.part"
    write_still(Frame(pixels), out, info_of(pixels), Encoding(), ending=".webp")
    assert probe(out).container == "webp"


def test_the_same_picture_gives_the_same_bytes(tmp_path, pixels, tagged):
    for ending in ENDINGS:
        one, two = tmp_path / f"1{ending}", tmp_path / f"2{ending}"
        write_still(Frame(pixels), one, tagged, Encoding())
        write_still(Frame(pixels), two, tagged, Encoding())
        assert one.read_bytes() == two.read_bytes()
