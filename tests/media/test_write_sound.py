"""Sound files: every sample at its place, tags and chapters kept or dropped, refusals in words."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.errors import MediaError, OutputError, UsageError
from masquerade.media import write_sound as module
from masquerade.media.audio import read_audio, sound_blocks
from masquerade.media.encoding import Encoding
from masquerade.media.probe import ChapterInfo, MediaInfo, probe
from masquerade.media.sound_containers import SOUND_ENDINGS, rate_for, sound_container
from masquerade.media.sound_encoder import SoundTrack
from masquerade.media.write_sound import check_sound, write_sound
from masquerade.types import Audio

Samples = NDArray[np.float32]
PLAIN = Encoding()


def sweep(sr: int, channels: int = 1, seconds: float = 1.2) -> Samples:
    """(channels, n) a tone that rises, so that every moment sounds unlike the others."""
    t = np.arange(int(sr * seconds) + 137) / sr
    tone = 0.3 * np.sin(2 * np.pi * (200 + 600 * t) * t)
    return np.stack([tone * (1 - 0.2 * number) for number in range(channels)]).astype(np.float32)


def track(samples: Samples, sr: int, *, block: int = 5000) -> SoundTrack:
    parts = range(0, samples.shape[1], block)
    blocks = (Audio(samples[:, start : start + block], sr) for start in parts)
    return SoundTrack(blocks, sr, samples.shape[0])


def info(**changes: object) -> MediaInfo:
    made = MediaInfo(Path("in.wav"), "audio", "wav", audio=(), metadata=(("title", "A talk"),))
    return replace(made, **changes)  # type: ignore[arg-type]


def nearest_shift(made: Samples, wanted: Samples, reach: int = 2000) -> int:
    """By how many samples `made` comes late."""
    start, count = reach, wanted.shape[-1] // 2
    piece = wanted[start : start + count]
    scores = [
        float(piece @ made[start + shift : start + shift + count])
        for shift in range(-reach, reach + 1)
    ]
    return int(np.argmax(scores)) - reach


@pytest.mark.parametrize("ending", SOUND_ENDINGS)
@pytest.mark.parametrize(("sr", "channels"), [(8000, 1), (16000, 1), (44100, 2), (48000, 1)])
def test_every_sample_lies_where_it_lay(
    ending: str, sr: int, channels: int, tmp_path: Path
) -> None:
    samples, out = sweep(sr, channels), tmp_path / f"out{ending}"

    write_sound(track(samples, sr), None, out, PLAIN)

    rate = rate_for(sound_container(ending).codec, sr)
    made = read_audio(out, sr=sr)
    assert probe(out).audio[0].sr == (48000 if ending in (".opus", ".ogg") else rate)
    assert made.samples.shape[0] == channels
    if rate == sr:
        assert nearest_shift(made.samples[0], samples[0]) == 0
    else:  # through two changes of rate: within a sample
        assert abs(nearest_shift(made.samples[0], samples[0])) <= 1
    extra = made.samples.shape[1] - samples.shape[1]
    assert 0 <= extra <= (1024 if ending == ".m4a" else 2)


def test_an_m4a_says_its_exact_length(tmp_path: Path) -> None:
    samples, out = sweep(48000), tmp_path / "out.m4a"

    write_sound(track(samples, 48000), None, out, PLAIN)

    assert probe(out).duration_s == Fraction(samples.shape[1], 48000)


@pytest.mark.parametrize("ending", [".wav", ".flac"])
@pytest.mark.parametrize(("codec", "bits"), [("aac", 16), ("pcm_s24le", 24), ("pcm_f32le", 24)])
def test_samples_are_as_deep_as_what_they_are_made_from(
    ending: str, codec: str, bits: int, tmp_path: Path
) -> None:
    samples, out = sweep(16000), tmp_path / f"out{ending}"
    sound = replace(probe(_written(tmp_path / "in.wav", samples)).audio[0], codec=codec)

    write_sound(track(samples, 16000), info(audio=(sound,)), out, PLAIN)

    error = float(np.abs(read_audio(out).samples - samples).max())
    assert error <= 1.01 / 2 ** (bits - 1)


def _written(path: Path, samples: Samples, sr: int = 16000) -> Path:
    write_sound(track(samples, sr), None, path, PLAIN)
    return path


@pytest.mark.parametrize("ending", [".wav", ".flac", ".mp3", ".m4a", ".opus"])
@pytest.mark.parametrize("tags", ["keep", "drop"])
def test_safe_tags_are_kept_or_dropped(ending: str, tags: str, tmp_path: Path) -> None:
    samples, out = sweep(16000), tmp_path / f"out{ending}"
    target = replace(probe(_written(tmp_path / "in.wav", samples)), metadata=(("title", "A talk"),))

    notes = write_sound(track(samples, 16000), target, out, Encoding(tags=tags))  # type: ignore[arg-type]

    assert dict(probe(out).metadata) == ({"title": "A talk"} if tags == "keep" else {})
    assert any("as asked" in note for note in notes) == (tags == "drop")


@pytest.mark.parametrize("ending", [".mp3", ".m4a"])
def test_chapters_move_with_the_sound(ending: str, tmp_path: Path) -> None:
    samples, out = np.zeros((1, 8 * 16000), np.float32), tmp_path / f"out{ending}"
    chapters = tuple(ChapterInfo(Fraction(n), Fraction(n + 1), f"Part {n}") for n in range(2))
    target = replace(probe(_written(tmp_path / "in.wav", samples)), chapters=chapters)

    write_sound(track(samples, 16000), target, out, PLAIN, moved_s=Fraction(9, 2))

    assert [(one.start_s, one.title) for one in probe(out).chapters if "Part" in one.title] == [
        (Fraction(9, 2), "Part 0"),
        (Fraction(11, 2), "Part 1"),
    ]


@pytest.mark.parametrize("ending", [".wav", ".flac", ".opus"])
def test_what_names_no_chapters_says_so(ending: str, tmp_path: Path) -> None:
    target = info(chapters=(ChapterInfo(Fraction(0), Fraction(1), "One"),))

    assert any(
        "chapters" in note for note in check_sound(8000, 1, tmp_path / f"a{ending}", target, PLAIN)
    )


def test_the_same_sound_gives_the_same_bytes_however_it_is_cut(tmp_path: Path) -> None:
    samples = sweep(44100, 2)
    for ending in SOUND_ENDINGS:
        files = [tmp_path / f"{number}{ending}" for number in range(2)]
        for path, block in zip(files, (777, 40_000), strict=True):
            write_sound(track(samples, 44100, block=block), None, path, PLAIN)
        assert files[0].read_bytes() == files[1].read_bytes(), ending


@pytest.mark.parametrize(
    ("ending", "channels", "said"),
    [(".txt", 1, "not the ending of a sound file"), (".mp3", 3, "3 channels"), (".wav", 9, "9")],
)
def test_what_a_kind_of_file_cannot_hold_is_refused_before_the_work(
    ending: str, channels: int, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        check_sound(16000, channels, tmp_path / f"out{ending}", None, PLAIN)


def test_no_sound_is_no_file(tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    with pytest.raises(MediaError, match="no sound"):
        write_sound(SoundTrack(iter(()), 8000, 1), None, out, PLAIN)
    assert not out.exists()


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[Audio]:
        yield Audio(sweep(8000), 8000)
        raise OSError(28, "no space")

    out = tmp_path / "out.flac"
    with pytest.raises(OutputError, match="no space"):
        write_sound(SoundTrack(broken(), 8000, 1), None, out, PLAIN)
    assert not out.exists()


def test_a_wav_that_would_be_too_large_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(sound_container(".wav"), most_bytes=4000)
    monkeypatch.setattr(module, "sound_container", lambda ending: small)
    with pytest.raises(OutputError, match="larger than WAV can hold"):
        write_sound(track(sweep(8000), 8000), None, tmp_path / "out.wav", PLAIN)


def test_a_file_read_in_blocks_is_the_file_read_whole(tmp_path: Path) -> None:
    for ending in (".wav", ".mp3", ".opus"):
        path = tmp_path / f"in{ending}"
        write_sound(track(sweep(44100, 2), 44100), None, path, PLAIN)
        whole, blocks = read_audio(path), list(sound_blocks(path))
        assert np.array_equal(np.concatenate([one.samples for one in blocks], 1), whole.samples)
        for one, other in pairwise(blocks):
            assert other.start_s == one.start_s + Fraction(one.samples.shape[1], one.sr)


def test_blocks_of_a_damaged_file_say_so(tmp_path: Path) -> None:
    path = tmp_path / "in.flac"
    write_sound(track(sweep(44100), 44100), None, path, PLAIN)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    heard: list[str] = []
    assert sum(one.samples.shape[1] for one in sound_blocks(path, on_damage=heard.append)) > 0

    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(MediaError, match="is a picture"):
        next(sound_blocks(tmp_path / "photo.png"))


def test_no_tag_of_the_encoder_is_written(tmp_path: Path) -> None:
    for ending in SOUND_ENDINGS:
        path = _written(tmp_path / f"out{ending}", sweep(16000))
        with av.open(str(path)) as container:
            tags = {key.lower(): value for key, value in container.metadata.items()}
        assert not {"title", "artist", "comment"} & set(tags)
