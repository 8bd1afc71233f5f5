import wave
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ConsentError, InputError
from masquerade.hashing import file_sha256
from masquerade.provenance import ledger
from masquerade.provenance.c2pa.credentials import Credentials
from masquerade.provenance.consent import recording
from masquerade.provenance.consent.recording import check_clear, read_recording
from masquerade.provenance.keys import rest_key
from masquerade.provenance.watermark.sound.embed import marked
from masquerade.types import Audio


def _noise(rng: np.random.Generator, seconds: float = 6.0, sr: int = 16_000) -> np.ndarray:
    """Noise that comes and goes, with the whole band of its rate."""
    time = np.arange(int(seconds * sr)) / sr
    return (rng.normal(size=len(time)) * (0.08 + 0.05 * np.sin(9 * time))).astype(np.float32)


def _write(path: Path, samples: np.ndarray, sr: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _upsampled(rng: np.random.Generator) -> Audio:
    spectrum = np.fft.rfft(_noise(rng))
    spectrum[int(len(spectrum) / 2) :] = 0
    return Audio(np.fft.irfft(spectrum)[None].astype(np.float32), 16_000)


def test_a_clear_recording_is_read(tmp_path: Path, rng: np.random.Generator) -> None:
    path = _write(tmp_path / "one.wav", _noise(rng, sr=44_100), 44_100)
    found = read_recording(path)
    assert (found.name, found.sha256, found.sound.sr) == ("one.wav", file_sha256(path), 16_000)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda rng: Audio(np.zeros((1, 16_000), np.float32), 16_000), "is silent"),
        (lambda rng: Audio(np.zeros((1, 0), np.float32), 16_000), "without sound"),
        (lambda rng: Audio(_noise(rng)[None] * 0.005, 16_000), "is silent"),
        (lambda rng: Audio(_noise(rng, sr=8000)[None], 8000), "sound of a telephone"),
        (_upsampled, "sound of a telephone"),
        (lambda rng: Audio(np.clip(_noise(rng) * 9, -0.9, 0.9)[None], 16_000), "is overdriven"),
    ],
)
def test_what_cannot_be_relied_on_is_told(make, words: str, rng: np.random.Generator) -> None:
    with pytest.raises(InputError, match=words):
        check_clear(make(rng), "one.wav")


def test_a_recording_of_hours_is_refused_at_once(tmp_path: Path) -> None:
    path = _write(tmp_path / "long.wav", np.zeros(8000 * 400, np.float32), 8000)
    with pytest.raises(InputError, match=r"long\.wav"):
        read_recording(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_recording(tmp_path / "none.wav")


def test_sound_with_our_watermark_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    sound = Audio(_noise(rng, 24.0)[None], 16_000)
    parts = [one.samples for one in marked([sound], 7, rest_key(None, "watermark"))]
    path = _write(tmp_path / "made.wav", np.concatenate(parts, axis=1)[0])
    with pytest.raises(ConsentError, match="carries the watermark mqw-0000000000000007"):
        read_recording(path)


def test_a_file_of_the_ledger_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    path = _write(tmp_path / "made.wav", _noise(rng))
    ledger.append("output", file_sha256(path), "{}")
    with pytest.raises(ConsentError, match="the ledger knows it as mql-"):
        read_recording(path)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Credentials("intact", signer="ours"), "signed by this installation"),
        (Credentials("intact", source_types=("trainedAlgorithmicMedia",)), "says that AI made it"),
        (Credentials("intact", ai_models=("some voice",)), "says that AI made it"),
        (Credentials("intact", source_types=("digitalCapture",)), ""),
    ],
)
def test_a_manifest_that_names_ai_is_believed(
    said: Credentials,
    words: str,
    tmp_path: Path,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = _write(tmp_path / "made.wav", _noise(rng))
    monkeypatch.setattr(recording, "read_credentials", lambda *args, **keys: said)
    if not words:
        read_recording(path)
        return
    with pytest.raises(ConsentError, match=words):
        read_recording(path)
