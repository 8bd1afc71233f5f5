import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.errors import LimitError, MediaError
from masquerade.media.limits import Limits
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image, read_thumbnails
from masquerade.types import Frame

MakeClip = Callable[..., Path]
MakePicture = Callable[..., NDArray[np.uint8]]

B_FRAMES = {"bf": "3", "g": "10", "b_strategy": "0"}
OPEN_GOPS = {"bf": "3", "x264-params": "open-gop=1:keyint=12:log-level=none"}
FAST_VPX = {"g": "10", "deadline": "realtime", "cpu-used": "8"}
UNEVEN = [512, 912, 1912, 2424, 5424, 5824, 6336, 9336, 9848, 10248, 10648, 13648, 14160, 15160]


def same(one: Frame, other: Frame) -> bool:
    """Equal in time, in RGB and in every stored plane."""
    assert one.planes is not None
    assert other.planes is not None
    planes = zip(one.planes.arrays, other.planes.arrays, strict=True)
    return (
        (one.pts, one.duration, one.time_base) == (other.pts, other.duration, other.time_base)
        and np.array_equal(one.pixels, other.pixels)
        and all(np.array_equal(*pair) for pair in planes)
    )


@pytest.fixture(
    params=[
        ("closed.mp4", {"options": B_FRAMES}),
        ("open.mp4", {"options": OPEN_GOPS}),
        ("uneven.mp4", {"options": B_FRAMES, "pts": UNEVEN, "count": len(UNEVEN)}),
        ("fragments.mp4", {"options": B_FRAMES, "container_options": {"movflags": "empty_moov"}}),
        ("b.mkv", {"options": B_FRAMES}),
        ("uneven.mkv", {"options": B_FRAMES, "pts": UNEVEN, "count": len(UNEVEN)}),
        ("vp9.webm", {"codec": "libvpx-vp9", "options": FAST_VPX}),
        ("transport.ts", {"options": B_FRAMES}),
        ("b.avi", {"options": B_FRAMES}),
        ("plain.avi", {"codec": "mpeg4", "options": {"g": "10"}}),
        ("flash.flv", {"options": B_FRAMES}),
        ("windows.wmv", {"codec": "wmv2", "options": {"g": "10"}}),
        ("stream.h264", {"options": B_FRAMES}),
        ("prores.mov", {"codec": "prores_ks", "pixel_format": "yuv422p10le", "count": 12}),
    ],
    ids=lambda param: param[0],
)
def clip(request: pytest.FixtureRequest, make_clip: MakeClip) -> Path:
    name, how = request.param
    return make_clip(name, **{"count": 40, **how})


def assert_slices_equal_whole(path: Path) -> None:
    whole = list(read_frames(path))
    count = len(whole)
    for start, stop in [(0, count), (1, 5), (7, 9), (count // 2, count // 2 + 3), (9, count)]:
        stop_pts = whole[stop].pts if stop < count else None
        part = list(read_frames(path, start_pts=whole[start].pts, stop_pts=stop_pts))
        assert len(part) == stop - start
        assert all(map(same, part, whole[start:stop]))


def test_a_slice_by_pts_equals_the_slice_of_the_whole(clip: Path) -> None:
    assert_slices_equal_whole(clip)


@pytest.mark.media
def test_a_slice_of_mpeg1_equals_the_slice_of_the_whole(media_dir: Path) -> None:
    assert_slices_equal_whole(next((media_dir / "talking" / "grid_s1").glob("*.mpg")))


def test_consecutive_slices_make_the_whole(make_clip: MakeClip) -> None:
    path = make_clip("a.mp4", count=40, options=B_FRAMES)
    whole = list(read_frames(path))
    edges = [None, *(whole[at].pts for at in (3, 10, 11, 25)), None]
    parts: list[Frame] = []
    for start, stop in itertools.pairwise(edges):
        parts.extend(read_frames(path, start_pts=start, stop_pts=stop))
    assert len(parts) == len(whole)
    assert all(map(same, parts, whole))


def test_a_slice_may_begin_between_two_pictures(make_clip: MakeClip) -> None:
    path = make_clip("a.mp4", options=B_FRAMES)
    assert [frame.pts for frame in read_frames(path, start_pts=513, stop_pts=1537)] == [1024, 1536]


def test_a_slice_behind_the_end_is_empty(make_clip: MakeClip) -> None:
    assert list(read_frames(make_clip("a.mp4"), start_pts=10**9)) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_uneven_times_and_durations_are_exact(make_clip: MakeClip, name: str) -> None:
    frames = list(read_frames(make_clip(name, pts=UNEVEN, count=len(UNEVEN), options=B_FRAMES)))
    assert [frame.pts for frame in frames] == UNEVEN
    assert {frame.time_base for frame in frames} == {Fraction(1, 12_800)}
    gaps = [after - before for before, after in itertools.pairwise(UNEVEN)]
    assert [frame.duration for frame in frames[:-1]] == gaps


@pytest.mark.parametrize(
    ("base", "step"), [("1/24000", 1001), ("1/25", 1), ("1/30000", 1001), ("1/60000", 1001)]
)
def test_broadcast_rates_are_exact(tmp_path: Path, base: str, step: int) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=1 / (Fraction(base) * step))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = number * step, Fraction(base)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    times = [frame.time_s for frame in read_frames(path)]
    assert times == [number * step * Fraction(base) for number in range(20)]


def test_pictures_without_time_stamps_follow_at_the_rate_of_the_stream(
    make_clip: MakeClip,
) -> None:
    frames = list(read_frames(make_clip("a.h264", count=12, options=B_FRAMES)))
    assert [frame.time_s * 25 for frame in frames] == list(range(12))


def turned_by_hand(stored: NDArray[np.uint8], rotation: int, flipped: bool) -> NDArray[np.uint8]:
    return np.rot90(stored[:, ::-1] if flipped else stored, -rotation // 90)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p10le"])
def test_rotation_is_baked_into_pixels_and_planes(
    make_clip: MakeClip, pixel_format: str, rotation: int, flipped: bool
) -> None:
    cos, sin = round(np.cos(np.radians(rotation))), round(np.sin(np.radians(rotation)))
    sign = -1 if flipped else 1
    numbers = (sign * cos, sign * sin, 0, -sin, cos, 0, 0, 0, 1 << 14)
    how = {"pixel_format": pixel_format, "count": 2, "options": {"crf": "1"}}
    as_is = next(read_frames(make_clip("as_is.mov", **how)))
    path = make_clip("turned.mov", matrix=[number << 16 for number in numbers], **how)
    upright, info = next(read_frames(path)), probe(path)
    assert (info.rotation_deg, info.flipped) == (rotation, flipped)
    assert info.size_wh == upright.size_wh
    assert np.array_equal(upright.pixels, turned_by_hand(as_is.pixels, rotation, flipped))
    assert upright.planes is not None
    assert as_is.planes is not None
    assert upright.planes.format == info.pixel_format
    for got, stored in zip(upright.planes.arrays, as_is.planes.arrays, strict=True):
        assert np.array_equal(got, turned_by_hand(stored, rotation, flipped))


def test_422_lying_on_its_side_is_440(make_clip: MakeClip) -> None:
    sideways = [0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30]
    path = make_clip("a.mov", pixel_format="yuv422p", count=1, matrix=sideways)
    planes = next(read_frames(path)).planes
    assert planes is not None
    assert planes.format == "yuv440p"
    assert [plane.shape for plane in planes.arrays] == [(96, 64), (48, 64), (48, 64)]


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.webm", "libvpx-vp9", "yuva420p"),
        ("a.webm", "libvpx", "yuva420p"),
        ("a.mov", "prores_ks", "yuva444p10le"),
        ("a.mov", "qtrle", "argb"),
        ("a.mkv", "ffv1", "bgra"),
    ],
)
def test_alpha_of_video_is_kept(
    make_clip: MakeClip, name: str, codec: str, pixel_format: str
) -> None:
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[..., :3] = (200, 100, 50)
    rgba[:, 48:, 3] = 255
    pictures = [av.VideoFrame.from_ndarray(rgba, "rgba").reformat(format=pixel_format)] * 3
    options = {"auto-alt-ref": "0"} if codec.startswith("libvpx") else {}
    path = make_clip(
        name, codec=codec, pixel_format=pixel_format, pictures=pictures, options=options
    )
    frames = list(read_frames(path))
    assert probe(path).has_alpha
    assert len(frames) == 3
    for frame in frames:
        assert frame.alpha is not None
        assert frame.alpha[:, :40].max() < 8
        assert frame.alpha[:, 56:].min() > 247


def test_frames_cannot_be_written_to_by_mistake(make_clip: MakeClip) -> None:
    planes = next(read_frames(make_clip("a.mp4", count=1))).planes
    assert planes is not None
    with pytest.raises(ValueError, match="read-only"):
        planes.arrays[0][0, 0] = 0


def test_frames_outlive_the_file_and_the_reader(make_clip: MakeClip) -> None:
    path = make_clip("a.mp4", count=20)
    kept = list(read_frames(path))
    again = list(read_frames(path))
    path.unlink()
    assert all(map(same, kept, again))


def test_a_size_that_changes_is_scaled_to_the_first_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.h264"
    data = b""
    for size in (64, 96):
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=25, options={"g": "5"})
            stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
            for _ in range(5):
                out.mux(stream.encode(av.VideoFrame(size, size, "yuv420p")))
            out.mux(stream.encode())
        data += path.read_bytes()
    path.write_bytes(data)
    said: list[str] = []
    frames = list(read_frames(path, on_damage=said.append))
    assert {frame.size_wh for frame in frames} == {(64, 64)}
    assert said == ["5 pictures of another size scaled to that of the first"]


def test_more_pictures_than_allowed_are_refused(make_clip: MakeClip) -> None:
    with pytest.raises(LimitError, match="more than 10 pictures"):
        list(read_frames(make_clip("a.mp4"), limits=Limits(max_frames=10)))


def test_reading_stops_without_decoding_the_rest(make_clip: MakeClip) -> None:
    frames: Iterator[Frame] = read_frames(make_clip("a.mp4"), limits=Limits(max_frames=12))
    assert [next(frames).pts for _ in range(5)] == [0, 512, 1024, 1536, 2048]


def test_a_still_is_one_frame(tmp_path: Path, make_picture: MakePicture) -> None:
    av.VideoFrame.from_ndarray(make_picture(0)).to_image().save(tmp_path / "a.png")
    (frame,) = read_frames(tmp_path / "a.png")
    assert np.array_equal(frame.pixels, make_picture(0))


def test_a_video_is_no_still(make_clip: MakeClip) -> None:
    with pytest.raises(MediaError, match="not a still picture"):
        read_image(make_clip("a.mp4"))


def test_thumbnails_come_for_every_picture_and_the_wanted_ones_in_full(
    make_clip: MakeClip,
) -> None:
    path = make_clip("a.mp4", count=40)
    whole = list(read_frames(path))
    pairs = list(read_thumbnails(path, wanted=[whole[10].pts, whole[30].pts - 1]))
    assert [small.pts for small, _ in pairs] == [frame.pts for frame in whole]
    assert all(max(small.size_wh) <= 240 for small, _ in pairs)
    full = {frame.pts: frame for _, frame in pairs if frame is not None}
    assert list(full) == [whole[0].pts, whole[10].pts, whole[30].pts]
    for frame in whole:
        if frame.pts in full:
            assert np.array_equal(full[frame.pts].pixels, frame.pixels)


def test_thumbnails_report_damage_as_reading_does(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    data = make_clip("a.mkv", count=60).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    said: dict[str, list[str]] = {"whole": [], "small": []}
    list(read_frames(path, on_damage=said["whole"].append))
    list(read_thumbnails(path, on_damage=said["small"].append))
    assert said["small"] == said["whole"]
    assert said["small"]
