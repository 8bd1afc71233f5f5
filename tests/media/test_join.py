"""Segments joined with all else of the input: times, sound, subtitles, chapters, tags, errors."""

import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from masquerade.errors import MediaError, OutputError, UsageError
from masquerade.media.audio import read_audio
from masquerade.media.encoding import Encoding
from masquerade.media.endings import VIDEO_CONTAINERS
from masquerade.media.join import join
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.media.segment import encode_segment
from masquerade.media.sound_encoder import SoundTrack
from masquerade.types import Audio

SIZE_WH = (64, 48)
BASE = Fraction(1, 90000)
VARIABLE = [0, 3003, 4504, 13513, 16516, 61516, 63018, 66021, 69024, 70000, 75000, 80000]
FAST = Encoding(preset="ultrafast")
SR = 48000
TAGS = {
    "title": "A walk",
    "creation_time": "2024-05-01T10:00:00.000000Z",
    "location": "+48.1-011.5/",
    "make": "Camera maker",
}


def picture(number: int) -> np.ndarray:
    y, x = np.mgrid[: SIZE_WH[1], : SIZE_WH[0]]
    return np.stack([x * 3 + number, y * 4, x + y + 2 * number], axis=2).astype(np.uint8)


def make(
    path: Path,
    *,
    sounds: tuple[str, ...] = ("aac",),
    sound_from: int = 0,
    subtitles: str = "",
    aspect: Fraction = Fraction(1),
    times: list[int] = VARIABLE,
) -> MediaInfo:
    """A clip of variable frame rate with sounds, chapters and tags; gives back its probe."""
    with av.open(
        str(path),
        "w",
        options={"movflags": "use_metadata_tags"} if path.suffix in (".mp4", ".mov") else {},
    ) as out:
        video = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "bf": "2"})
        video.width, video.height = SIZE_WH
        video.codec_context.time_base = video.time_base = BASE
        video.codec_context.sample_aspect_ratio = aspect
        video.codec_context.colorspace = video.codec_context.color_primaries = 1
        video.codec_context.color_trc, video.codec_context.color_range = 1, 1
        tones = [out.add_stream(sound, rate=SR) for sound in sounds]
        for tone, language in zip(tones, ("eng", "fra"), strict=False):
            tone.metadata["language"] = language
        text = out.add_mux_stream(subtitles) if subtitles else None
        out.metadata.update(TAGS)
        out.set_chapters(
            [
                {"id": n, "start": n * 400, "end": (n + 1) * 400, "time_base": Fraction(1, 1000),
                 "metadata": {"title": f"Part {n}"}}
                for n in range(2)
            ]
        )  # fmt: skip
        for number, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number))
            frame.pts, frame.time_base = pts, BASE
            out.mux(video.encode(frame))
        out.mux(video.encode())
        for tone in tones:
            write_tone(out, tone, sound_from)
        if text is not None:
            packet = av.Packet(b"Good morning")
            packet.stream, packet.time_base = text, Fraction(1, 1000)
            packet.pts = packet.dts = 200
            packet.duration = 300
            out.mux(packet)
    return probe(path)


def write_tone(out, stream, start: int) -> None:
    for at in range(start, start + 40_000, 960):
        wave = (0.3 * np.sin(np.arange(at, at + 960) / 20)).astype(np.float32)
        piece = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        piece.sample_rate, piece.pts, piece.time_base = SR, at, Fraction(1, SR)
        out.mux(stream.encode(piece))
    out.mux(stream.encode(None))


def segments(info: MediaInfo, encoding: Encoding = FAST, cuts=(0, 1, 5, None)) -> Iterator[bytes]:
    frames = list(read_frames(info.path))
    for start, stop in pairwise(cuts):
        yield encode_segment(frames[start:stop], info, encoding)


def times(path: Path) -> list[Fraction]:
    return [frame.time_s for frame in read_frames(path)]


def packets(path: Path, kind: str, number: int = 0) -> list[tuple[bytes, Fraction]]:
    with av.open(str(path)) as container:
        stream = [one for one in container.streams if one.type == kind][number]
        return [
            (bytes(packet), packet.pts * packet.time_base)
            for packet in container.demux(stream)
            if packet.size
        ]


def lag_s(before: Audio, after: Audio) -> float:
    """How much later the second sounds than the first, by their loudness."""
    starts = []
    for sound in (before, after):
        loud = np.flatnonzero(np.abs(sound.samples[0]) > 0.1)[0]
        starts.append(float(sound.start_s) + loud / sound.sr)
    return starts[1] - starts[0]


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "av1"])
def test_times_are_exact_in_mp4_and_decode_times_rise_and_never_come_late(tmp_path, codec):
    info = make(tmp_path / "in.mp4")
    encoding = Encoding(codec=codec, preset="fast")
    out = tmp_path / "out.mp4"
    join(segments(info, encoding), info, out, encoding)
    assert times(out) == [pts * BASE for pts in VARIABLE]
    with av.open(str(out)) as container:
        stamps = [(p.dts, p.pts) for p in container.demux(video=0) if p.pts is not None]
    assert all(before[0] < after[0] for before, after in pairwise(stamps))
    assert all(dts <= pts for dts, pts in stamps)


def test_last_picture_lasts_as_long_as_in_the_input(tmp_path):
    info = make(tmp_path / "in.mkv", sounds=())
    out = tmp_path / "out.mp4"
    data = list(segments(info))
    join(data, info, out, FAST)
    before, after = list(read_frames(info.path))[-1], list(read_frames(out))[-1]
    assert after.duration * after.time_base == before.duration * before.time_base


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_every_sound_stream_is_copied_bit_by_bit_at_its_time(tmp_path, ending):
    info = make(tmp_path / "in.mp4", sounds=("aac", "libmp3lame"), sound_from=9600)
    out = tmp_path / f"out{ending}"
    join(segments(info), info, out, FAST)
    for number in range(2):
        before = packets(info.path, "audio", number)
        after = packets(out, "audio", number)
        assert [data for data, _ in after] == [data for data, _ in before]
        moved = max(abs(b[1] - a[1]) for a, b in zip(before, after, strict=True))
        assert moved <= (Fraction(1, 2000) if ending == ".mkv" else 0)
    assert [sound.language for sound in probe(out).audio] == ["eng", "fra"]


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_sound_that_begins_before_zero_moves_nothing(tmp_path: Path, ending: str) -> None:
    """MP4 hides an AAC encoder's first samples at times below 0; pictures and chapters stay."""
    info = make(tmp_path / "in.mp4", sound_from=0)
    out = tmp_path / f"out{ending}"
    join(segments(info), info, out, FAST)
    late = max(abs(a - b) for a, b in zip(times(info.path), times(out), strict=True))
    assert late <= (0 if ending == ".mp4" else Fraction(1, 2000))
    began = [_first_sound_s(path) for path in (info.path, out)]
    assert began[0] < 0
    assert abs(began[1] - began[0]) <= Fraction(1, 1000)
    assert [chapter.start_s for chapter in probe(out).chapters] == [
        chapter.start_s for chapter in info.chapters
    ]


def _first_sound_s(path: Path) -> Fraction:
    with av.open(str(path)) as container:
        packet = next(container.demux(container.streams.audio[0]))
        return packet.pts * packet.time_base


def test_nothing_the_input_says_of_itself_stays_where_it_is_to_be_dropped(tmp_path):
    info = make(tmp_path / "in.mp4", subtitles="mov_text")
    out = tmp_path / "out.mp4"
    plain = FAST.model_copy(update={"tags": "drop"})
    notes = join(segments(info, plain), info, out, plain)
    assert probe(out).chapters == ()
    assert len(probe(out).audio) == 1
    data = out.read_bytes()
    said = (b"A walk", b"Part 0", b"Camera maker", b"48.1", b"2024-05", b"Good morning")
    assert not [words for words in said if words in data]
    assert any("all that the input says of itself" in note for note in notes)


def test_sound_is_left_out_where_it_is_not_wanted(tmp_path):
    info = make(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    silent = FAST.model_copy(update={"audio": "none"})
    notes = join(segments(info, silent), info, out, silent)
    assert probe(out).audio == ()
    assert any("(audio, aac) is not wanted" in note for note in notes)


def test_chapters_and_harmless_tags_stay_and_the_rest_is_named(tmp_path):
    info = make(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    notes = join(segments(info), info, out, FAST, metadata={"artist": "Somebody"})
    made = probe(out)
    assert [(c.start_s, c.end_s, c.title) for c in made.chapters] == [
        (Fraction(0), Fraction(2, 5), "Part 0"),
        (Fraction(2, 5), Fraction(4, 5), "Part 1"),
    ]
    with av.open(str(out)) as container:
        kept = container.metadata
    assert kept["title"] == "A walk"
    assert kept["artist"] == "Somebody"
    assert kept["creation_time"].startswith("2024-05-01")
    assert not {"location", "make"} & set(kept)
    said = " ".join(notes)
    assert "location" in said
    assert "make" in said


@pytest.mark.parametrize(("ending", "kept"), [(".mkv", True), (".mp4", False)])
def test_subtitles_are_copied_where_they_fit_and_named_where_not(tmp_path, ending, kept):
    info = make(tmp_path / "in.mkv", subtitles="subrip")
    out = tmp_path / f"out{ending}"
    notes = join(segments(info), info, out, FAST)
    assert ("subrip" in " ".join(notes)) is not kept
    if kept:
        assert packets(out, "subtitle") == [(b"Good morning", Fraction(1, 5))]


def test_subtitles_that_can_draw_over_the_label_are_left_out(tmp_path):
    info = make(tmp_path / "in.mkv", subtitles="ass")
    notes = join(segments(info), info, tmp_path / "out.mkv", FAST)
    assert "can draw over the picture and its label" in " ".join(notes)
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert not [one for one in container.streams if one.type == "subtitle"]


def test_pixel_aspect_and_colour_tags_are_kept(tmp_path):
    info = make(tmp_path / "in.mp4", aspect=Fraction(12, 11))
    for ending in (".mp4", ".mkv"):
        out = tmp_path / f"out{ending}"
        join(segments(info), info, out, FAST)
        made = probe(out)
        assert made.pixel_aspect == Fraction(12, 11)
        assert made.colour == info.colour


def test_shape_of_pixels_that_cannot_be_kept_is_said(tmp_path):
    info = make(tmp_path / "in.mp4", sounds=(), aspect=Fraction(12, 11))
    encoding = Encoding(codec="vp9", preset="ultrafast")
    notes = join(segments(info, encoding), info, tmp_path / "out.mkv", encoding)
    assert "not square" in " ".join(notes)


def test_mp4_starts_with_its_index_and_hevc_is_tagged_for_apple_players(tmp_path):
    info = make(tmp_path / "in.mp4")
    encoding = Encoding(codec="hevc", preset="ultrafast")
    out = tmp_path / "out.mp4"
    join(segments(info, encoding), info, out, encoding)
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert b"hvc1" in data


def test_the_same_segments_give_the_same_file(tmp_path):
    info = make(tmp_path / "in.mp4")
    data = list(segments(info))
    for ending in (".mp4", ".mkv"):
        one, two = tmp_path / f"1{ending}", tmp_path / f"2{ending}"
        join(data, info, one, FAST)
        join(data, info, two, FAST)
        assert one.read_bytes() == two.read_bytes()


def test_sound_that_does_not_fit_is_an_error_that_names_where_it_fits(tmp_path):
    info = make(tmp_path / "in.mp4")
    encoding = Encoding(codec="vp9", preset="ultrafast")
    out = tmp_path / "out.webm"
    with pytest.raises(OutputError, match=r"\.mp4 or \.mkv") as caught:
        join(segments(info, encoding), info, out, encoding)
    assert "audio=opus" in caught.value.todo
    assert not out.exists()


@pytest.mark.parametrize("container", VIDEO_CONTAINERS, ids=lambda item: item.name)
def test_sound_is_encoded_anew_only_when_asked_and_stays_in_place(tmp_path, container):
    info = make(tmp_path / "in.mkv", sounds=("pcm_s16le",), sound_from=9600)
    picture_codec = "vp9" if container.name == "WebM" else "h264"
    data = list(segments(info, Encoding(codec=picture_codec, preset="ultrafast")))
    before = read_audio(info.path, sr=SR, mono=True)
    for sound in container.sounds:
        encoding = Encoding(codec=picture_codec, preset="ultrafast", audio=sound)
        out = tmp_path / f"out{container.endings[0]}"
        join(data, info, out, encoding)
        assert probe(out).audio[0].codec == sound
        assert abs(lag_s(before, read_audio(out, sr=SR, mono=True))) <= 2e-3


def test_sound_that_cannot_be_encoded_for_a_container_is_refused(tmp_path):
    info = make(tmp_path / "in.mp4")
    encoding = Encoding(codec="vp9", preset="ultrafast", audio="aac")
    with pytest.raises(UsageError, match="one of copy, opus"):
        join(segments(info, encoding), info, tmp_path / "out.webm", encoding)


def test_start_that_means_nothing_is_moved_to_zero_for_all_streams_alike(tmp_path):
    path = tmp_path / "in.ts"
    info = make(path, times=[90000 * 60 + pts for pts in VARIABLE], sound_from=60 * SR + 4800)
    out = tmp_path / "out.mp4"
    join(segments(info), info, out, FAST)
    before, after = times(path), times(out)
    moved = {b - a for a, b in zip(before, after, strict=True)}
    assert len(moved) == 1
    assert min(after[0], packets(out, "audio")[0][1]) == 0
    sounds = zip(packets(path, "audio"), packets(out, "audio"), strict=True)
    assert all(abs(b[1] - a[1] - min(moved)) < Fraction(1, SR) for a, b in sounds)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("out.xyz", UsageError, "one of .mp4"),
        ("out", UsageError, "one of .mp4"),
        ("out.webm", UsageError, "does not hold h264"),
        ("missing/out.mp4", UsageError, "there is no folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused(tmp_path, name, error, words):
    info = make(tmp_path / "in.mp4", sounds=())
    with pytest.raises(error, match=words):
        join(segments(info), info, tmp_path / name, FAST)


def test_a_temporary_name_takes_the_container_of_the_ending_given(tmp_path):
    info = make(tmp_path / "in.mp4")
    out = tmp_path / "joined.part"
    join(segments(info), info, out, FAST, ending=".mkv")
    assert probe(out).container.startswith("matroska")


def test_nothing_stays_when_a_segment_fails_or_is_damaged(tmp_path):
    info = make(tmp_path / "in.mp4")
    data = list(segments(info))

    def failing() -> Iterator[bytes]:
        yield data[0]
        raise RuntimeError("the store is gone")

    out = tmp_path / "out.mp4"
    with pytest.raises(RuntimeError):
        join(failing(), info, out, FAST)
    assert not out.exists()
    with pytest.raises(MediaError, match="damaged"):
        join([data[0], data[1][:-300]], info, out, FAST)
    assert not out.exists()


def test_segments_of_another_encoding_or_out_of_order_are_refused(tmp_path):
    info = make(tmp_path / "in.mp4")
    data = list(segments(info))
    other = list(segments(info, Encoding(codec="hevc", preset="ultrafast")))
    for wrong in ([], [data[0], other[1]], [data[1], data[0]]):
        with pytest.raises(UsageError):
            join(wrong, info, tmp_path / "out.mp4", FAST)
        assert not (tmp_path / "out.mp4").exists()


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path):
    info = make(tmp_path / "in.mp4")
    data = list(segments(info))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    out = tmp_path / "out.mp4"
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OutputError, match="no space left"):
            join(data, info, out, FAST)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not out.exists()


def test_a_closed_folder_is_one_clear_error(tmp_path, monkeypatch):
    info = make(tmp_path / "in.mp4", sounds=())
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="no permission"):
        join(segments(info), info, tmp_path / "out.mp4", FAST)


def test_input_that_is_gone_is_an_error_of_the_input(tmp_path):
    info = make(tmp_path / "in.mp4")
    data = list(segments(info))
    info.path.unlink()
    with pytest.raises(MediaError):
        join(data, info, tmp_path / "out.mp4", FAST)


def test_nothing_is_said_where_nothing_is_lost(tmp_path):
    path = tmp_path / "in.mp4"
    info = make(path)
    out = tmp_path / "out.mp4"
    join(segments(info), info, out, FAST)
    again = probe(out)
    assert join(segments(again), again, tmp_path / "again.mp4", FAST) == ()


def test_memory_does_not_grow_with_the_number_of_segments(tmp_path):
    info = make(tmp_path / "in.mp4", times=[3000 * n for n in range(8)])
    frames = list(read_frames(info.path))

    def many(count: int) -> Iterator[bytes]:
        for number in range(count):
            later = [replace(frame, pts=frame.pts + 24000 * number) for frame in frames]
            yield encode_segment(later, info, FAST)

    process = psutil.Process()
    join(many(20), info, tmp_path / "short.mp4", FAST)
    before = process.memory_info().rss
    join(many(300), info, tmp_path / "long.mp4", FAST)
    assert process.memory_info().rss - before < 12 << 20


@pytest.mark.media
def test_mpeg_programme_stream_becomes_mp4_with_its_sound(tmp_path, media_dir):
    info = probe(media_dir / "talking/grid_s1/bbaf2n.mpg")
    out = tmp_path / "out.mp4"
    join(segments(info), info, out, FAST)
    assert times(out) == times(info.path)
    before, after = packets(info.path, "audio"), packets(out, "audio")
    assert [data for data, _ in after] == [data for data, _ in before]


def test_damaged_sound_that_is_to_be_encoded_anew_is_an_error_of_the_input(tmp_path):
    info = make(tmp_path / "in.mkv", sounds=("flac",))
    data = bytearray(info.path.read_bytes())
    at = data.index(b"\xff\xf8")  # a frame of FLAC begins
    while at > 0:
        data[at : at + 2] = b"\0\0"
        at = data.find(b"\xff\xf8", at)
    info.path.write_bytes(data)
    encoding = Encoding(preset="ultrafast", audio="aac")
    segment = encode_segment(read_frames(info.path), info, encoding)
    with pytest.raises(MediaError, match=r"sound of in\.mkv"):
        join([segment], info, tmp_path / "out.mkv", encoding)
    assert not (tmp_path / "out.mkv").exists()


SWEEP_S = 2


def sweep(sr: int, seconds: float = SWEEP_S) -> np.ndarray:
    t = np.arange(int(sr * seconds)) / sr
    return (0.3 * np.sin(2 * np.pi * (200 + 500 * t) * t)).astype(np.float32)[None]


def found_at(made: Audio, wanted: np.ndarray, sr: int) -> float:
    """Seconds at which the sweep begins, on the file's clock, by cross-correlation."""
    size = 1 << (made.samples.shape[1] + wanted.shape[1]).bit_length()
    spectrum = np.fft.rfft(made.samples[0], size) * np.conj(np.fft.rfft(wanted[0], size))
    lag = int(np.argmax(np.fft.irfft(spectrum, size)[: made.samples.shape[1]]))
    return float(made.start_s) + lag / sr


@pytest.mark.parametrize("start_s", [Fraction(0), Fraction(1, 100), Fraction(1, 3)])
@pytest.mark.parametrize(
    ("ending", "codec", "audio", "exact"),
    [
        (".mp4", "h264", "copy", True),
        (".mp4", "h264", "flac", True),
        (".mov", "h264", "copy", True),
        (".mkv", "h264", "copy", False),  # Matroska counts milliseconds
        (".webm", "vp9", "opus", False),
    ],
)
def test_new_sound_takes_the_place_of_the_old_to_the_sample(
    ending: str, codec: str, audio: str, exact: bool, start_s: Fraction, tmp_path: Path
) -> None:
    source = make(tmp_path / "in.mkv", sounds=("aac", "aac"), subtitles="srt")
    encoding = Encoding(codec=codec, preset="ultrafast", audio=audio)  # type: ignore[arg-type]
    wave, out = sweep(SR), tmp_path / f"out{ending}"
    blocks = (Audio(wave[:, at : at + 999], SR) for at in range(0, wave.shape[1], 999))

    part = encode_segment(read_frames(source.path), source, encoding)
    join([part], source, out, encoding, sound=SoundTrack(blocks, SR, 1, start_s))

    made = probe(out)
    assert len(made.audio) == 1
    assert [one.start_s for one in made.chapters] == [one.start_s for one in source.chapters]
    times = [frame.time_s for frame in read_frames(out)]
    assert times[0] == next(read_frames(source.path)).time_s
    late = found_at(read_audio(out, sr=SR, mono=True), wave, SR) - round(start_s * SR) / SR
    assert abs(late) <= (0.5 / SR if exact else 0.002)


def test_a_still_becomes_a_video_with_sound(tmp_path: Path) -> None:
    source = replace(make(tmp_path / "in.mp4"), kind="still", audio=(), chapters=())
    wave, out = sweep(16000), tmp_path / "out.mp4"
    part = encode_segment(read_frames(source.path), source, FAST)

    join([part], source, out, FAST, sound=SoundTrack(iter([Audio(wave, 16000)]), 16000, 1))

    assert probe(out).audio[0].codec == "aac"
    made = read_audio(out)
    assert abs(found_at(made, wave, 16000)) < 1e-9


@pytest.mark.parametrize(
    ("audio", "said"), [("none", "new sound, and its sound"), ("opus", "does not hold opus")]
)
def test_new_sound_that_would_be_left_out_is_refused(audio: str, said: str, tmp_path: Path) -> None:
    source = make(tmp_path / "in.mp4")
    encoding = FAST.model_copy(update={"audio": audio})
    part = encode_segment(read_frames(source.path), source, encoding)
    ending = ".mov" if audio == "opus" else ".mp4"

    sound = SoundTrack(iter([Audio(sweep(SR), SR)]), SR, 1)
    with pytest.raises(UsageError, match=said):
        join([part], source, tmp_path / f"out{ending}", encoding, sound=sound)


def test_sound_that_nothing_here_decodes_is_left_out_and_told(tmp_path: Path) -> None:
    """As telephones write spatial sound beside the usual one."""
    info = make(tmp_path / "a.mp4")
    whole = info.path.read_bytes()
    info.path.write_bytes(whole.replace(b"mp4a", b"xxxx").replace(b"esds", b"free"))
    info = probe(info.path)
    assert info.audio == ()
    parts = [encode_segment(read_frames(info.path), info, FAST)]
    notes = join(parts, info, tmp_path / "out.mp4", FAST)
    assert "stream 1 (audio, unknown codec) has no place in MP4 and is left out" in notes
    assert probe(tmp_path / "out.mp4").frame_count == len(VARIABLE)
