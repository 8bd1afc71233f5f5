import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from masquerade.errors import MediaError
from masquerade.media.probe import SAFE_TAGS, probe

MakeClip = Callable[..., Path]


def test_a_video_is_described_in_full(make_clip: MakeClip) -> None:
    info = probe(make_clip("a.mp4", count=30, sound_s=1.0))
    assert info.kind == "video"
    assert info.container.startswith("mov")
    assert (info.size_wh, info.frame_count, info.codec) == ((96, 64), 30, "h264")
    assert (info.pixel_format, info.bit_depth, info.has_alpha) == ("yuv420p", 8, False)
    assert (info.time_base, info.start_pts) == (Fraction(1, 12_800), 0)
    assert (info.duration_s, info.frame_rate) == (Fraction(6, 5), Fraction(25))
    assert (info.pixel_aspect, info.rotation_deg, info.video_index) == (1, 0, 0)
    assert info.damaged == ""
    (sound,) = info.audio
    assert (sound.codec, sound.sr, sound.channels) == ("aac", 48_000, 2)


def test_pictures_that_no_header_counts_are_told_by_length_and_rate(make_clip: MakeClip) -> None:
    counted, matroska = probe(make_clip("a.mp4", count=30)), probe(make_clip("a.mkv", count=30))
    assert (counted.frames_told, matroska.frame_count) == (30, None)
    assert matroska.frames_told in (30, 31)


@pytest.mark.parametrize("turn", [0, 90])
def test_pixel_aspect_turns_with_the_picture(make_clip: MakeClip, turn: int) -> None:
    one = 1 << 16
    matrix = [0, one, 0, -one, 0, 0, 0, 0, 1 << 30] if turn else None
    info = probe(make_clip("a.mov", count=2, aspect=Fraction(16, 11), matrix=matrix))
    assert info.pixel_aspect == (Fraction(11, 16) if turn else Fraction(16, 11))
    assert info.size_wh == ((64, 96) if turn else (96, 64))


def test_sound_files_have_no_pictures(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
        frame.sample_rate = 16_000
        out.mux(stream.encode(frame))
    info = probe(tmp_path / "a.wav")
    assert (info.kind, info.size_wh, info.video_index) == ("audio", (0, 0), -1)
    assert info.duration_s == Fraction(1, 2)
    assert info.time_base == Fraction(1, 16_000)


def test_only_tags_that_tell_nothing_of_person_or_place_are_kept(make_clip: MakeClip) -> None:
    tags = {
        "title": "A walk",
        "copyright": "Us",
        "location": "+52.5+013.4/",
        "make": "Phone",
        "com.apple.quicktime.location.ISO6709": "+52.5+013.4/",
        "encoder": "x",
    }
    info = probe(make_clip("a.mkv", count=2, tags=tags))
    assert dict(info.metadata) == {"title": "A walk", "copyright": "Us"}
    assert not {"location", "make", "model", "creation_time"} & set(SAFE_TAGS)


def test_chapters_are_listed_with_exact_times(tmp_path: Path, make_clip: MakeClip) -> None:
    plain, path = make_clip("a.mp4", count=50), tmp_path / "b.mkv"
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        base = Fraction(1, 1000)
        entries = [("one", 0, 800), ("two", 800, 2000)]
        out.set_chapters(
            [
                {"id": n, "start": a, "end": b, "time_base": base, "metadata": {"title": title}}
                for n, (title, a, b) in enumerate(entries)
            ]
        )
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    chapters = probe(path).chapters
    assert [(c.title, c.start_s, c.end_s) for c in chapters] == [
        ("one", Fraction(0), Fraction(4, 5)),
        ("two", Fraction(4, 5), Fraction(2)),
    ]


def test_a_cover_does_not_make_a_song_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libmp3lame", rate=44_100, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 16, 16, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        grey = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 90, np.uint8)).reformat(
            format="yuvj420p"
        )
        picture = cover.encode(grey) + cover.encode()
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.int16), "s16p", "mono")
        silence.sample_rate = 44_100
        sounds = stream.encode(silence) + stream.encode()
        out.mux(sounds + picture)
    assert probe(path).kind == "audio"


def test_subtitles_alone_are_no_media(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    with pytest.raises(MediaError):
        probe(tmp_path / "a.srt")


@pytest.mark.media
def test_shared_clips_are_probed(media_dir: Path) -> None:
    info = probe(next((media_dir / "talking" / "grid_s1").glob("*.mpg")))
    assert (info.codec, info.size_wh, info.frame_rate) == ("mpeg1video", (360, 288), 25)
    assert info.audio[0].codec.startswith("mp2")


def test_a_sound_file_without_a_decoder_is_no_media(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    head = struct.pack("<IHHIIHH", 16, 3, 1, 16_000, 0, 0, 0)  # floats of no bits
    path.write_bytes(b"RIFF\xff\0\0\0WAVEfmt " + head + b"data\xff\0\0\0" + bytes(255))
    with pytest.raises(MediaError, match="neither pictures nor sound"):
        probe(path)
