from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.errors import LimitError, MediaError
from masquerade.media.audio import read_audio
from masquerade.media.limits import Limits

MakeClip = Callable[..., Path]
SR = 48_000


def write_sound(
    path: Path,
    samples: NDArray[np.float32],
    *,
    codec: str = "pcm_f32le",
    layout: str = "mono",
    starts: tuple[int, ...] = (0,),
) -> Path:
    """Sound of SR; `samples` (channels, n) once at each of `starts`."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=SR, layout=layout)
        for start in starts:
            for at in range(0, samples.shape[1], 1024):
                part = np.ascontiguousarray(samples[:, at : at + 1024].T.reshape(1, -1))
                frame = av.AudioFrame.from_ndarray(part, "flt", layout)
                frame.sample_rate, frame.pts = SR, start + at
                frame.time_base = Fraction(1, SR)
                out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def tone(hz: float, count: int) -> NDArray[np.float32]:
    return (0.5 * np.sin(np.arange(count) * 2 * np.pi * hz / SR)).astype(np.float32)


def test_samples_come_as_they_are_stored(tmp_path: Path) -> None:
    sound = np.stack([tone(440, 5000), tone(660, 5000)])
    audio = read_audio(write_sound(tmp_path / "a.wav", sound, layout="stereo"))
    assert audio.samples.dtype == np.float32
    assert audio.samples.flags.c_contiguous
    assert np.array_equal(audio.samples, sound)
    assert (audio.sr, audio.start_s) == (SR, 0)


@pytest.mark.parametrize(("layout", "channels"), [("5.1", 6), ("7.1", 8), ("16 channels", 16)])
def test_many_channels_stay_apart(tmp_path: Path, layout: str, channels: int) -> None:
    sound = np.stack([tone(100 * (at + 1), 3000) for at in range(channels)])
    audio = read_audio(write_sound(tmp_path / "a.mkv", sound, layout=layout))
    assert np.array_equal(audio.samples, sound)


def test_mono_is_the_average_of_the_channels(tmp_path: Path) -> None:
    sound = np.stack([tone(440, 3000), np.zeros(3000, np.float32)])
    audio = read_audio(write_sound(tmp_path / "a.wav", sound, layout="stereo"), mono=True)
    assert np.allclose(audio.samples, sound.mean(axis=0, keepdims=True), atol=1e-7)


@pytest.mark.parametrize("sr", [16_000, 22_050, 44_100, 96_000])
def test_resampling_keeps_pitch_and_length(tmp_path: Path, sr: int) -> None:
    audio = read_audio(write_sound(tmp_path / "a.wav", tone(440, SR)[None]), sr=sr)
    assert audio.sr == sr
    assert abs(audio.samples.shape[1] - sr) <= 32
    spectrum = np.abs(np.fft.rfft(audio.samples[0, :sr], sr))
    assert np.argmax(spectrum) == 440


def test_the_start_is_kept_exactly(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mkv", tone(440, 4096)[None], starts=(24_000,))
    audio = read_audio(path)
    assert audio.start_s == Fraction(1, 2)
    assert audio.samples.shape == (1, 4096)


def test_gaps_are_filled_with_silence(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mkv", tone(440, 4800)[None], starts=(0, 48_000))
    samples = read_audio(path).samples
    assert samples.shape == (1, 52_800)
    assert not samples[0, 4900:47_900].any()
    assert np.allclose(samples[0, 48_000:], samples[0, :4800], atol=1e-6)


def test_sound_of_a_video_is_read(make_clip: MakeClip) -> None:
    audio = read_audio(make_clip("a.mp4", sound_s=1.0))
    assert abs(audio.samples.shape[1] - SR) <= 2048
    assert 0.1 < np.abs(audio.samples).max() < 0.3


def test_a_video_without_sound_is_zero_samples(make_clip: MakeClip) -> None:
    audio = read_audio(make_clip("a.mp4", count=2), sr=16_000)
    assert (audio.samples.shape, audio.sr) == ((1, 0), 16_000)


def test_samples_stay_within_one(tmp_path: Path) -> None:
    audio = read_audio(write_sound(tmp_path / "a.wav", 3 * tone(440, 2000)[None]))
    assert np.abs(audio.samples).max() == 1.0


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    av.VideoFrame(16, 16, "rgb24").to_image().save(tmp_path / "a.png")
    with pytest.raises(MediaError, match="is a picture"):
        read_audio(tmp_path / "a.png")


def test_sound_longer_than_allowed_is_refused(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", tone(440, 2 * SR)[None])
    with pytest.raises(LimitError):
        read_audio(path, limits=Limits(max_duration_s=1))


def test_truncated_sound_is_read_to_where_it_ends(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac", tone(440, SR)[None], codec="flac")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 1000 < read_audio(path).samples.shape[1] < SR


def test_samples_that_are_not_numbers_become_silence_and_are_reported(tmp_path: Path) -> None:
    sound = tone(440, 3000)[None].copy()
    sound[0, 100:103] = np.nan, np.inf, -np.inf
    said: list[str] = []
    audio = read_audio(write_sound(tmp_path / "a.wav", sound), on_damage=said.append)
    assert audio.samples[0, 100:103].tolist() == [0, 0, 0]
    assert np.array_equal(audio.samples[0, 103:], sound[0, 103:])
    assert said == ["3 samples of sound are not numbers and were made silent"]


def test_silence_that_fills_a_gap_counts_against_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sound(tmp_path / "a.mkv", tone(440, 4096)[None], starts=(0, 5 * SR))
    assert read_audio(path).samples.shape[1] > 5 * SR
    monkeypatch.setattr("masquerade.media.audio.MAX_SAMPLES", 2 * SR)
    with pytest.raises(LimitError, match="sound"):
        read_audio(path)


@pytest.mark.media
def test_a_stretch_of_sound_is_the_same_as_that_part_of_the_whole(media_dir: Path) -> None:
    path = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    whole = read_audio(path, mono=True)
    part = read_audio(path, mono=True, span_s=(Fraction(1), Fraction(2)))
    start = round((part.start_s - whole.start_s) * whole.sr)
    assert abs(part.start_s - 1) < Fraction(1, 10)
    same = whole.samples[:, start : start + part.samples.shape[1]]
    skip = part.sr // 10  # a decoder of coded sound needs a moment
    assert np.abs(same[:, skip:] - part.samples[:, skip:]).max() < 1e-3
