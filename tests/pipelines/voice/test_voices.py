"""A voice is built under its consent, spoken with while that holds, and refused otherwise."""

import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ConsentError, InputError, UsageError
from masquerade.hashing import file_sha256
from masquerade.pipelines.voice import build as build_voice
from masquerade.pipelines.voice import convert as convert_voice
from masquerade.pipelines.voice import speak
from masquerade.pipelines.voice.build import make_voice
from masquerade.pipelines.voice.spoken_with import open_voice
from masquerade.provenance.consent import model_voice
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import new_record
from masquerade.provenance.consent.voice_reader import voice_network
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.provenance.gates import consent_voices
from masquerade.speech.finish import BANDS, Finish
from masquerade.speech.voice import Manner, Voice
from masquerade.speech.voice_file import About, read_voice, write_voice
from masquerade.speech.world import ORDER
from masquerade.types import Audio

UNITS = 6000


def _embedding(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=256)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _voice() -> Voice:
    rng = np.random.default_rng(3)
    units = rng.normal(size=(UNITS, 384))
    flat = np.zeros((BANDS, 2), np.float32)
    return Voice(
        units=(units / np.linalg.norm(units, axis=1, keepdims=True)).astype(np.float16),
        cepstra=rng.normal(0, 0.1, (UNITS, 2, ORDER)).astype(np.float16),
        breath=np.full((UNITS, 2), -10, np.float16),
        f0=np.full((UNITS, 2), 200, np.float16),
        manner=Manner(np.zeros(384, np.float32), np.ones(384, np.float32), (5.3, 0.2)),
        middle=np.zeros(ORDER, np.float32),
        gain=np.ones(ORDER, np.float32),
        finish=Finish(flat, flat, np.full(BANDS, 0.01, np.float32)),
        embedding=_embedding(1),
    )


def _record(**changes: object) -> ConsentRecord:
    heard = HeardVoice(_embedding(1), voice_network(), "e" * 64, 12.0, "mqs-0123456789abcdef", "I")
    values: dict[str, object] = {
        "kind": "subject",
        "subject": "Ann",
        "grantee": "the tests",
        "purposes": ["test"],
        "voices": [heard],
        "modality": ("voice",),
        "media": ("audio",),
        "valid_until": datetime.now(UTC) + timedelta(days=30),
        "adult_attested": True,
    }
    return new_record(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Whose voices are heard wherever somebody listens: seeds of embeddings."""
    seeds = [1]

    def voices(*_: object, **__: object) -> tuple[MeasuredVoice, ...]:
        return tuple(MeasuredVoice(_embedding(seed), 60.0, 1.0 / len(seeds)) for seed in seeds)

    monkeypatch.setattr(build_voice, "voices_in", voices)
    monkeypatch.setattr(consent_voices, "voices_in", voices)
    monkeypatch.setattr(model_voice, "voices_of", voices)
    return seeds


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that are not needed, since the voice is made up."""

    class Reader:
        speaker = None

        @staticmethod
        def activity(samples: np.ndarray) -> np.ndarray:
            return np.full(-(-len(samples) // 512), 0.9 * bool(samples.any()), np.float32)

        @classmethod
        def open(cls, **_: object) -> "Reader":
            return cls()

    monkeypatch.setattr(build_voice, "SpeechReader", Reader)
    monkeypatch.setattr(build_voice, "build_voice", lambda *_, **__: _voice())
    silence = Audio(np.zeros((1, 160), np.float32), 16_000)
    monkeypatch.setattr(build_voice, "said_by", lambda _: silence)
    monkeypatch.setattr(build_voice, "read_audio", lambda *_, **__: silence)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A sound file of six seconds that are taken for speech."""
    return _wav(tmp_path / "ann.wav", np.full(6 * 16_000, 0.1))


def _wav(path: Path, samples: np.ndarray, sr: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return path


def _kept(record: ConsentRecord, folder: Path) -> Path:
    path = folder / f"{record.id}.consent"
    path.write_text(record.text(), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (np.zeros(96_000), "ann.wav is silent, all 6.0 s"),
        (np.full(16_000, 0.1), r"ann.wav holds 1.0 s of speech in 1.0 s"),
        (np.full(79_000, 0.1), r"ann.wav holds 4.9\d? s of speech"),
        (np.ones(96_000), "ann.wav is overdriven: 100% of its samples are cut off"),
    ],
)
def test_what_is_wrong_with_a_recording_is_said_before_whose_it_is(
    heard: list[int], built: None, tmp_path: Path, samples: np.ndarray, told: str
) -> None:
    path, out = _wav(tmp_path / "ann.wav", samples), tmp_path / "ann.mvoice"
    with pytest.raises(InputError, match=told):
        make_voice([path], out, [_kept(_record(), tmp_path)])
    assert not out.exists()


def test_sound_without_treble_is_noted_when_a_voice_is_built(
    heard: list[int], built: None, tmp_path: Path
) -> None:
    path = _wav(tmp_path / "ann.wav", np.full(48_000, 0.1), 8_000)
    made = make_voice([path], tmp_path / "ann.mvoice", [_kept(_record(), tmp_path)])
    assert any("ann.wav: sound of 8000 Hz holds no treble" in note for note in made.notes)


def test_a_voice_is_private_and_carries_its_record(
    heard: list[int], built: None, recording: Path, tmp_path: Path
) -> None:
    record = _record()
    out = tmp_path / "ann.mvoice"
    made = make_voice([recording], out, [_kept(record, tmp_path)])

    assert out.stat().st_mode & 0o077 == 0
    assert made.distance < 1e-6
    assert "60 s are" not in " ".join(made.lines())
    assert any("words will be lost" in line for line in made.lines())
    about = read_voice(out).about
    assert about.consent == record.id
    assert about.inputs == (file_sha256(recording),)
    spoken = open_voice(out, ())
    assert spoken.record.id == record.id
    assert spoken.sha256 == file_sha256(out)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("others", [[2], [1, 2]])
def test_recordings_of_somebody_else_build_nothing(
    heard: list[int], built: None, recording: Path, tmp_path: Path, others: list[int]
) -> None:
    heard[:] = others
    out = tmp_path / "ann.mvoice"
    with pytest.raises(ConsentError, match="is not the one of consent"):
        make_voice([recording], out, [_kept(_record(), tmp_path)])
    assert not out.exists()


def test_what_makes_no_voice_is_refused_before_work(
    heard: list[int], built: None, recording: Path, tmp_path: Path
) -> None:
    kept = _kept(_record(), tmp_path)
    out = tmp_path / "ann.mvoice"
    with pytest.raises(UsageError, match=r"ends in \.mvoice"):
        make_voice([recording], tmp_path / "ann.wav2", [kept])
    with pytest.raises(ConsentError, match="0 consent records"):
        make_voice([recording], out, [])
    with pytest.raises(ConsentError, match="2 consent records"):
        make_voice([recording], out, [kept, _kept(_record(), tmp_path)])
    with pytest.raises(UsageError, match="no recording"):
        make_voice([], out, [kept])
    out.write_bytes(b"")
    with pytest.raises(UsageError, match="exists"):
        make_voice([recording], out, [kept])


def test_a_voice_without_consent_or_after_a_change_is_not_spoken_with(
    heard: list[int], built: None, recording: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.mvoice"
    about = About(made_by="tests", consent="mqc-0123456789abcdef", inputs=("a" * 64,))
    write_voice(bare, _voice(), about)
    with pytest.raises(ConsentError, match="does not say under whose consent"):
        open_voice(bare, ())
    out = tmp_path / "ann.mvoice"
    make_voice([recording], out, [_kept(_record(), tmp_path)])
    data = bytearray(out.read_bytes())
    data[-2000] ^= 1
    out.write_bytes(data)
    with pytest.raises(ConsentError, match="weights are not those"):
        open_voice(out, ())
    with pytest.raises(UsageError, match="no voice"):
        open_voice(recording, ())
    with pytest.raises(InputError, match="cannot be read"):
        open_voice(tmp_path / "gone.mvoice", ())


@pytest.mark.parametrize("text", ["", "  \n", "x" * 60_000])
def test_texts_that_cannot_be_said_are_refused_at_once(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="letters"):
        speak.speak(text, tmp_path / "ann.mvoice", tmp_path / "out.wav")


def test_a_voice_that_is_none_converts_nothing(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no voice"):
        convert_voice.convert_voice(recording, recording, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
