"""Encoded runs: exact times, the same bytes for the same frames, errors instead of guesses."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.errors import MediaError, UsageError
from masquerade.media.encoding import Encoding, encoder_options
from masquerade.media.probe import MediaInfo
from masquerade.media.segment import encode_segment, open_segment, segment_packets
from masquerade.types import Frame

SIZE_WH = (64, 48)
BASE = Fraction(1, 90000)
VARIABLE = [5, 3008, 4509, 13518, 16518, 61518, 63020, 66023]
FAST = Encoding(preset="ultrafast")


def info_of(**changes) -> MediaInfo:
    info = MediaInfo(
        Path("made"),
        "video",
        "mov",
        size_wh=SIZE_WH,
        pixel_format="yuv420p",
        time_base=BASE,
        frame_rate=Fraction(30),
    )
    return replace(info, **changes)


def frames_at(times, duration: int = 0) -> list[Frame]:
    y, x = np.mgrid[: SIZE_WH[1], : SIZE_WH[0]]
    return [
        Frame(
            np.stack([x * 3 + n, y * 4, x + y + 2 * n], axis=2).astype(np.uint8),
            pts,
            BASE,
            duration,
        )
        for n, pts in enumerate(times)
    ]


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "av1", "prores"])
def test_every_pts_is_kept_and_the_same_frames_give_the_same_bytes(codec):
    encoding = Encoding(codec=codec, preset="fast")
    data = encode_segment(frames_at(VARIABLE), info_of(), encoding)
    segment = open_segment(data)
    assert [pts for pts, _ in segment.times] == VARIABLE
    _, packets = segment_packets(segment)
    assert sorted(packet.pts for packet in packets) == list(range(len(VARIABLE)))
    assert packets[0].is_keyframe
    assert encode_segment(frames_at(VARIABLE), info_of(), encoding) == data


def test_h264_gives_the_same_bytes_on_every_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A noisy pan; with AVX-512 it used to come out otherwise than without."""
    rng = np.random.default_rng(3)
    scene = cv2.GaussianBlur(rng.integers(0, 256, (141, 218, 3), np.uint8), (0, 0), 3)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    frames = []
    for n in range(45):
        seen = scene[n // 2 : n // 2 + 96, n : n + 128] + rng.normal(0, 4, (96, 128, 1))
        frames.append(Frame(np.clip(seen, 0, 255).astype(np.uint8), 3000 * n, BASE))
    info = info_of(size_wh=(128, 96))
    here = encode_segment(frames, info, Encoding())
    chosen = encoder_options(Encoding(), "yuv420p")
    plain = {**chosen, "x264-params": chosen["x264-params"] + ":asm=0"}
    monkeypatch.setattr("masquerade.media.segment.encoder_options", lambda *_: plain)
    assert encode_segment(frames, info, Encoding()) == here


def test_duration_is_the_distance_to_the_next_frame_and_the_last_one_is_as_stated():
    times = open_segment(encode_segment(frames_at([0, 10, 25], 4), info_of(), FAST)).times
    assert times == ((0, 10), (10, 15), (25, 4))


def test_last_frame_without_a_duration_lasts_as_long_as_the_one_before():
    times = open_segment(encode_segment(frames_at([0, 10, 25]), info_of(), FAST)).times
    assert times[-1] == (25, 15)


def test_a_single_frame_without_a_duration_lasts_one_frame_of_the_average_rate():
    assert open_segment(encode_segment(frames_at([9]), info_of(), FAST)).times == ((9, 3000),)


def test_bytes_do_not_depend_on_where_in_the_file_the_frames_lie():
    here = open_segment(encode_segment(frames_at([0, 3000, 6000]), info_of(), FAST))
    far = 90000 * 3600 * 5
    there = open_segment(encode_segment(frames_at([far, far + 3000, far + 6000]), info_of(), FAST))
    assert here.matroska == there.matroska


def broken_time_base(frames: list[Frame]) -> list[Frame]:
    return [*frames[:-1], replace(frames[-1], time_base=Fraction(1, 30))]


def broken_size(frames: list[Frame]) -> list[Frame]:
    return [*frames[:-1], replace(frames[-1], pixels=frames[-1].pixels[:-2])]


@pytest.mark.parametrize(
    "frames",
    [
        [],
        frames_at([0, 10, 10]),
        frames_at([0, 10, 5]),
        broken_time_base(frames_at([0, 10, 20])),
        broken_size(frames_at([0, 10, 20])),
    ],
    ids=["none", "same pts twice", "pts fall", "another time base", "another size"],
)
def test_frames_that_make_no_run_are_refused(frames):
    with pytest.raises(UsageError):
        encode_segment(frames, info_of(), FAST)


def test_an_error_of_the_frames_source_comes_out_as_it_is():
    def frames():
        yield from frames_at([0, 10])
        raise RuntimeError("the method failed")

    with pytest.raises(RuntimeError, match="the method failed"):
        encode_segment(frames(), info_of(), FAST)


@pytest.mark.parametrize("length", [0, 5, 40, -200, -1000])
def test_a_segment_that_was_cut_short_is_an_error(length):
    data = encode_segment(frames_at(VARIABLE), info_of(), FAST)
    with pytest.raises(MediaError, match="damaged"):
        segment_packets(open_segment(data[:length]))


def test_a_segment_of_other_bytes_is_an_error():
    with pytest.raises(MediaError, match="damaged"):
        open_segment(b"RIFF" + bytes(100))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"times":[[0,3000]]', b'"times":[        ]'),
        (b'"pixel_aspect":"1"', b'"pixel_aspect":1/0'),
        (b'"rate":"30"', b'"rate":"/0"'),
        (b'"time_base":"1/90000"', b'"time_base":"1/00000"'),
    ],
)
def test_a_segment_with_a_damaged_header_is_an_error(old: bytes, new: bytes):
    data = encode_segment(frames_at([0], 3000), info_of(), FAST)
    assert old in data
    with pytest.raises(MediaError, match="damaged"):
        open_segment(data.replace(old, new))


def test_pictures_hours_apart_can_be_encoded():
    for times in ([0, 90_000 * 7200], [0]):
        data = encode_segment(frames_at(times), info_of(frame_rate=Fraction(1, 7200)), FAST)
        assert [pts for pts, _ in open_segment(data).times] == times
