from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from masquerade.media.colour import rgb_from_planes
from masquerade.media.layout import layout
from masquerade.media.planes import UNPACKED, PictureReader
from masquerade.media.probe import probe
from masquerade.media.read import read_frames

MakeClip = Callable[..., Path]
PLANAR = [
    "yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuv440p", "yuva420p", "yuv420p10le",
    "yuv422p10le", "yuv444p10le", "yuv420p12le", "yuv444p16le", "gray", "gray10le", "gray16le",
    "gbrp", "gbrp10le", "gbrp12le", "gbrap", "gbrap16le",
]  # fmt: skip


def noise_frame(
    rng: np.random.Generator, name: str
) -> tuple[av.VideoFrame, list[NDArray[np.uint8]]]:
    """A decoded picture of noise of an odd size, and its planes."""
    frame = av.VideoFrame(51, 35, name)
    kind = layout(name)
    dtype = np.uint8 if kind.bits == 8 else np.uint16
    arrays = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)
        array = rng.integers(0, 1 << kind.bits, (plane.height, plane.width)).astype(dtype)
        rows[:, : plane.width] = array
        arrays.append(array)
    return frame, arrays


@pytest.mark.parametrize("name", PLANAR)
def test_planar_pictures_come_as_they_were_decoded(rng: np.random.Generator, name: str) -> None:
    frame, arrays = noise_frame(rng, name)
    pixels, alpha, planes = PictureReader().read(frame)
    assert planes.format == name
    assert all(map(np.array_equal, planes.arrays, arrays))
    assert (pixels.shape, pixels.dtype) == ((35, 51, 3), np.uint8)
    assert (alpha is not None) == layout(name).alpha


@pytest.mark.parametrize(("packed", "planar"), UNPACKED.items())
def test_packed_pictures_are_unpacked_without_loss(
    rng: np.random.Generator, packed: str, planar: str
) -> None:
    one_way = {"pal8", "monow", "monob", "grayf32le", "ya8", "ya16le", "ya16be"}
    if packed in one_way or not _writable(packed):
        pytest.skip("FFmpeg does not pack this format without dithering or not at all")
    frame = av.VideoFrame(64, 32, packed)
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = rng.integers(0, 256, plane.buffer_size)
    frame = _legal(frame, packed)
    _, _, planes = PictureReader().read(frame)
    assert planes.format == planar
    back = _packed(planes.arrays, planar, packed, frame)
    for one, other in zip(back.planes, frame.planes, strict=True):
        assert np.array_equal(np.frombuffer(one, np.uint8), np.frombuffer(other, np.uint8))


def _writable(name: str) -> bool:
    try:
        VideoReformatter().reformat(av.VideoFrame(16, 16, "yuv444p"), format=name)
    except av.FFmpegError:
        return False
    return True


def _legal(frame: av.VideoFrame, name: str) -> av.VideoFrame:
    """The picture with its padding bits as FFmpeg itself writes them."""
    made = PictureReader().read(frame)[2]
    return _packed(made.arrays, made.format, name, frame)


def _packed(
    arrays: tuple[NDArray[np.uint8] | NDArray[np.uint16], ...],
    planar: str,
    packed: str,
    like: av.VideoFrame,
) -> av.VideoFrame:
    made = av.VideoFrame(like.width, like.height, planar)
    for plane, array in zip(made.planes, arrays, strict=True):
        rows = np.frombuffer(plane, array.dtype).reshape(plane.height, -1)
        rows[:, : plane.width] = array
    return VideoReformatter().reformat(
        made,
        format=packed,
        interpolation=Interpolation.POINT,
        src_color_range=1,
        dst_color_range=1,
    )


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", [1, 5, 6, 7, 9])
@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv420p10le"])
def test_fast_and_exact_conversion_to_rgb_agree(name: str, matrix: int, full_range: bool) -> None:
    y, x = np.mgrid[:64, :96]
    frame = av.VideoFrame(96, 64, name)
    kind = layout(name)
    dtype = np.uint8 if kind.bits == 8 else np.uint16
    ramps = (40 + x * 2, 100 + x // 2, 160 - y // 2)
    for index, (plane, ramp) in enumerate(zip(frame.planes, ramps, strict=True)):
        small = ramp[:: 1 << kind.sub_y if index else 1, :: 1 << kind.sub_x if index else 1]
        rows = np.frombuffer(plane, dtype).reshape(plane.height, -1)
        rows[:, : plane.width] = small.astype(dtype) << (kind.bits - 8)
    frame.colorspace, frame.color_range = matrix, 2 if full_range else 1
    pixels, _, planes = PictureReader().read(frame)
    difference = pixels.astype(int) - rgb_from_planes(planes)
    assert np.abs(difference).max() <= 4
    assert np.abs(difference.mean(axis=(0, 1))).max() <= 1.6


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.mkv", "ffv1", "yuv420p"),
        ("a.mkv", "ffv1", "yuv444p10le"),
        ("a.mkv", "ffv1", "gray"),
        ("a.mkv", "ffv1", "gbrp10le"),
        ("a.mkv", "ffv1", "bgra"),
        ("a.mov", "v210", "yuv422p10le"),
        ("a.mov", "rawvideo", "uyvy422"),
        ("a.avi", "rawvideo", "bgr24"),
        ("a.avi", "mjpeg", "yuvj422p"),
        ("a.mp4", "libx265", "yuv420p10le"),
        ("a.mp4", "libx264", "yuv444p"),
    ],
)
def test_probe_states_the_format_that_frames_come_in(
    make_clip: MakeClip, name: str, codec: str, pixel_format: str
) -> None:
    options = {"x265-params": "bframes=0:log-level=none"} if codec == "libx265" else {}
    path = make_clip(name, codec=codec, pixel_format=pixel_format, count=3, options=options)
    info, frame = probe(path), next(read_frames(path))
    assert frame.planes is not None
    assert info.pixel_format == frame.planes.format
    assert info.colour == frame.planes.colour
    assert info.bit_depth == layout(frame.planes.format).bits


@pytest.mark.parametrize(("codec", "name"), [("libx265", "a.mp4"), ("libx264", "a.mkv")])
def test_hdr_tags_reach_the_frames_and_code_values_are_left_alone(
    make_clip: MakeClip, codec: str, name: str
) -> None:
    params = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:bframes=0:log-level=none"
    key = "x265-params" if codec == "libx265" else "x264-params"
    params = params if codec == "libx265" else params.replace(":log-level=none", "")
    path = make_clip(name, codec=codec, pixel_format="yuv420p10le", count=2, options={key: params})
    for frame in read_frames(path):
        assert frame.planes is not None
        colour = frame.planes.colour
        assert (colour.matrix, colour.primaries, colour.transfer) == (9, 9, 16)
        assert not colour.full_range
