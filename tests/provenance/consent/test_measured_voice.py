import wave
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ConsentError, ModelError, PolicyError
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.models.speaker import SR
from masquerade.models.talkers import FRAMES, PEOPLE
from masquerade.provenance.consent import measured_voice, voice_reader
from masquerade.provenance.consent.channels_heard import to_hear
from masquerade.provenance.consent.measured_voice import voices_in, voices_of
from masquerade.provenance.consent.one_speaker import least_alike
from masquerade.provenance.consent.voice_reader import VoiceReader, apart
from masquerade.provenance.consent.voices_apart import grouped
from masquerade.types import Audio

SPEECH = "speech/libri_{0}/{1}-000{2}.flac"


def _speech(media_dir: Path, speaker: str, number: int, reader: VoiceReader) -> np.ndarray:
    book = {"19": "19-198", "26": "26-495", "27": "27-123349"}[speaker]
    return reader.speech(
        read_audio(media_dir / SPEECH.format(speaker, book, number), sr=SR, mono=True)
    )


@pytest.fixture(scope="module")
def reader() -> VoiceReader:
    return VoiceReader.open()


def _around(middle: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    near = middle + rng.normal(size=(count, 256)) * 0.01
    return (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)


def test_stretches_are_grouped_by_voice(rng: np.random.Generator) -> None:
    one, other = rng.normal(size=(2, 256)) / 16
    stretches = np.concatenate([_around(one, 5, rng), _around(other, 3, rng)])[
        [0, 5, 1, 6, 2, 7, 3, 4]
    ]
    first, second = grouped(stretches)
    assert (first.tolist(), second.tolist()) == ([0, 2, 4, 6, 7], [1, 3, 5])
    assert grouped(np.zeros((0, 256), np.float32)) == []


@pytest.mark.media
@pytest.mark.weights
def test_everybody_who_speaks_is_found(media_dir: Path, reader: VoiceReader) -> None:
    ada, bob = (_speech(media_dir, name, 2, reader) for name in ("19", "27"))
    assert [round(one.share) for one in voices_of(ada, reader)] == [1]
    two = voices_of(np.concatenate([ada, bob[: 9 * SR]]), reader)
    assert len(two) == 2
    assert apart(two[0].embedding, reader.embedding(ada)) < 0.1
    assert voices_of(ada[: 4 * SR], reader) == ()


@pytest.mark.media
@pytest.mark.weights
def test_a_voice_that_the_mix_of_channels_cancels_is_heard(
    media_dir: Path, tmp_path: Path, reader: VoiceReader
) -> None:
    ada, bob = (_speech(media_dir, name, 2, reader)[: 9 * SR] for name in ("19", "27"))
    path = tmp_path / "two.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SR)
        sides = np.stack([0.15 * ada + 0.8 * bob, 0.15 * ada - 0.8 * bob], axis=1)
        file.writeframes((np.clip(sides, -1, 1) * 32767).astype("<i2").tobytes())

    found = voices_in(path, file_sha256(path))

    assert min(apart(one.embedding, reader.embedding(bob)) for one in found) < 0.2


@pytest.mark.media
@pytest.mark.weights
@pytest.mark.parametrize(("own", "other", "heard"), [(1, 0, 1), (0, 1, 2)])
def test_noise_in_a_channel_is_nobody_and_hides_nobody(
    media_dir: Path,
    reader: VoiceReader,
    rng: np.random.Generator,
    own: float,
    other: float,
    heard: int,
) -> None:
    ada, bob = (_speech(media_dir, name, 2, reader)[: 8 * SR] for name in ("19", "27"))
    level = float(ada.std())
    second = own * ada + other * level / bob.std() * bob + rng.normal(0, level, len(ada))
    sound = Audio(np.stack([ada, second]).astype(np.float32), SR)

    mix, *channels = to_hear(sound, reader)

    found = voices_of(mix, reader, *channels)
    assert (len(found) > 1) == (heard > 1)
    assert min(apart(one.embedding, reader.embedding(ada)) for one in found) < 0.15


@pytest.mark.media
@pytest.mark.weights
def test_a_splice_of_two_people_stands_out(media_dir: Path, reader: VoiceReader) -> None:
    ada, bob = (_speech(media_dir, name, 3, reader) for name in ("19", "26"))
    assert least_alike(ada[: 12 * SR], reader) < 0.2
    assert least_alike(np.concatenate([ada[: 8 * SR], bob[: 4 * SR]]), reader) > 0.25
    with pytest.raises(ConsentError, match=r"4\.0 s of speech"):
        least_alike(ada[: 4 * SR], reader)


@pytest.mark.media
@pytest.mark.weights
def test_a_file_that_was_changed_is_refused(media_dir: Path) -> None:
    path = media_dir / SPEECH.format("19", "19-198", 1)
    assert len(voices_in(path, file_sha256(path))) == 1
    with pytest.raises(PolicyError, match="was changed"):
        voices_in(path, "0" * 64)


def _wav(path: Path, speech: np.ndarray, sr: int = SR) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes((np.clip(speech, -1, 1) * 32767).astype("<i2").tobytes())
    return path


class _Levels:
    """Tells people apart by how loud they are."""

    def speech(self, sound: Audio) -> np.ndarray:
        return sound.samples[0][np.abs(sound.samples[0]) > 0.05]

    def embedding(self, speech: np.ndarray) -> np.ndarray:
        return np.eye(256, dtype=np.float32)[round(10 * float(np.median(np.abs(speech))))]

    def looks(self, windows: np.ndarray) -> np.ndarray:
        return np.stack([self.embedding(window) for window in windows])


class _OneAtATime:
    """Hears nobody under another."""

    def __call__(self, window: np.ndarray) -> np.ndarray:
        return np.zeros((FRAMES, PEOPLE), np.float32)


def _listen_by_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_voice, "_reader", lambda _: _Levels())
    monkeypatch.setattr(measured_voice, "_talkers", lambda _: _OneAtATime())


def test_all_of_a_long_recording_is_listened_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _listen_by_level(monkeypatch)
    monkeypatch.setattr(measured_voice, "_PART_S", 60)
    sr = 2000
    sound = np.repeat(np.float32(0.2), 140 * sr)
    sound[8 * sr : 28 * sr] = 0.5
    sound[49 * sr : 71 * sr] = 0.7  # what is in memory at once ends in it
    path = _wav(tmp_path / "long.wav", sound, sr)
    told: list[int] = []

    found = voices_in(path, file_sha256(path), lambda _, done, __: told.append(done))

    assert [int(np.argmax(one.embedding)) for one in found[:3]] == [2, 7, 5]
    assert sum(one.speech_s for one in found[:3]) == pytest.approx(140, rel=0.03)
    assert max(told) == 140
    assert len(set(told)) > 3
    assert told == sorted(told)


@pytest.mark.media
@pytest.mark.weights
def test_a_stranger_between_the_parts_of_a_recording_is_found(
    media_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: VoiceReader
) -> None:
    monkeypatch.setattr(measured_voice, "_PART_S", 12)
    ada, bob = (_speech(media_dir, name, 2, reader) for name in ("19", "27"))
    ada, bob = ada[: 12 * SR], bob[: 8 * SR]
    path = _wav(tmp_path / "long.wav", np.concatenate([ada[: 8 * SR], bob, ada[8 * SR :]]))

    found = voices_in(path, file_sha256(path))

    assert len(found) > 1
    assert apart(found[1].embedding, reader.embedding(bob)) < 0.15


@pytest.mark.media
@pytest.mark.weights
def test_a_stranger_who_takes_turns_of_one_second_is_found(
    media_dir: Path, tmp_path: Path, reader: VoiceReader
) -> None:
    ada, bob = (_speech(media_dir, name, 2, reader) for name in ("19", "26"))
    turns = [one[k * SR : (k + 1) * SR] for k in range(8) for one in (bob, ada)]
    path = _wav(tmp_path / "turns.wav", np.concatenate(turns))

    found = voices_in(path, file_sha256(path))

    assert max(apart(one.embedding, reader.embedding(bob)) for one in found) > 0.25


@pytest.mark.media
@pytest.mark.weights
def test_a_softer_voice_under_another_closes(
    media_dir: Path, tmp_path: Path, reader: VoiceReader
) -> None:
    ada, bob = (_speech(media_dir, name, 2, reader)[: 9 * SR] for name in ("27", "26"))
    under = bob * np.float32(0.6 * ada.std() / bob.std())
    path = _wav(tmp_path / "under.wav", ada + under)

    with pytest.raises(ConsentError, match=r"two voices are heard at once for [2-9] s"):
        voices_in(path, file_sha256(path))


def test_what_is_too_long_to_be_listened_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _listen_by_level(monkeypatch)
    monkeypatch.setattr(measured_voice, "MOST_S", 3)
    path = _wav(tmp_path / "long.wav", np.full(4 * SR, 0.2))
    with pytest.raises(ConsentError, match=r"cannot be measured: .* is longer than 0 hours"):
        voices_in(path, file_sha256(path))


def test_without_the_network_no_voice_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_args: object, **_keys: object) -> None:
        raise ModelError("the weights are not there", "speaker", "fetch them")

    monkeypatch.setattr(voice_reader.Speaker, "open", missing)
    measured_voice._reader.cache_clear()
    with pytest.raises(ConsentError, match="cannot be measured: the weights are not there"):
        voices_in(tmp_path / "one.wav", "0" * 64)
    measured_voice._reader.cache_clear()


class _Beneath:
    """What was heard in a channel: so many seconds under another's voice, by half minute."""

    def __init__(self, *beneath_s: float) -> None:
        self.beneath_s = list(beneath_s)


@pytest.mark.parametrize(
    ("channels", "passes"),
    [
        ([], True),
        ([_Beneath()], True),
        ([_Beneath(0.9, 0.9, 0.9, 0.9)], True),
        ([_Beneath(0.0, 1.1)], False),
        # A channel with a little in every half minute does not hide one with much in a single one.
        ([_Beneath(0.9, 0.9, 0.9, 0.9), _Beneath(0.0, 2.0, 0.0, 0.0)], False),
    ],
)
def test_the_worst_half_minute_of_any_channel_tells_who_is_beneath(
    channels: list[_Beneath], passes: bool
) -> None:
    if passes:
        measured_voice._check_nobody_beneath(Path("talk.wav"), channels)  # type: ignore[arg-type]
        return
    with pytest.raises(ConsentError, match="never alone"):
        measured_voice._check_nobody_beneath(Path("talk.wav"), channels)  # type: ignore[arg-type]
