"""A stranger's long recording is refused after half a minute of speech; the gates hear the rest."""

import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from masquerade.errors import ConsentError
from masquerade.provenance.consent import first_heard
from masquerade.provenance.consent.first_heard import check_beginning
from masquerade.types import Audio

RATE = 1000


class _Levels:
    """Tells people apart by how loud they are."""

    @classmethod
    def open(cls) -> "_Levels":
        return cls()

    def speech(self, sound: Audio) -> np.ndarray:
        return np.asarray(sound.samples[0][np.abs(sound.samples[0]) > 0.05])

    def embedding(self, speech: np.ndarray) -> np.ndarray:
        return np.asarray(np.eye(256, dtype=np.float32)[round(10 * np.median(np.abs(speech)))])

    def looks(self, windows: np.ndarray) -> np.ndarray:
        return np.stack([self.embedding(window) for window in windows])


def recording(path: Path, *levels: float) -> Path:
    """A WAV in which somebody speaks at each level for a hundred seconds."""
    samples = np.repeat(np.array(levels), 100 * RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The record of somebody who speaks at a level of 0.5."""
    voice = SimpleNamespace(network="one")
    monkeypatch.setattr(first_heard, "VoiceReader", _Levels)
    monkeypatch.setattr(first_heard, "voice_network", lambda: "one")
    monkeypatch.setattr(first_heard, "open_voice", lambda *_: np.eye(256, dtype=np.float32)[5])
    return SimpleNamespace(id="c1", modality=("voice",), voices=(voice,))


def test_a_stranger_is_refused_before_the_rest_is_listened_to(
    tmp_path: Path, ada: SimpleNamespace
) -> None:
    told: list[tuple[int, int | None]] = []

    with pytest.raises(ConsentError, match=r"a\.wav is nobody of the records .* 1\.00") as refused:
        check_beginning(
            recording(tmp_path / "a.wav", 0.2, 0.2, 0.5),
            [ada],  # type: ignore[list-item]
            lambda _, done, total: told.append((done, total)),
        )

    assert told == [(60, 300)]
    assert "was not listened to" in refused.value.todo


@pytest.mark.parametrize(
    "levels", [(0.5, 0.5), (0.5, 0.2), (0.2,), (0.0, 0.0)], ids=["own", "later", "short", "silent"]
)
def test_the_rest_is_left_to_the_gates(
    tmp_path: Path, ada: SimpleNamespace, levels: tuple[float, ...]
) -> None:
    check_beginning(recording(tmp_path / "a.wav", *levels), [ada])  # type: ignore[list-item]


def test_without_a_record_of_a_voice_nothing_is_listened_to(
    tmp_path: Path, ada: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_heard, "sound_blocks", lambda *_, **__: pytest.fail("listened"))
    ada.voices = ()

    with pytest.raises(ConsentError, match="none of those given is bound to a voice"):
        check_beginning(recording(tmp_path / "a.wav", 0.5, 0.5), [ada])  # type: ignore[list-item]


def test_what_was_measured_by_another_network_is_left_to_the_gates(
    tmp_path: Path, ada: SimpleNamespace
) -> None:
    ada.voices[0].network = "another"
    check_beginning(recording(tmp_path / "a.wav", 0.2, 0.2), [ada])  # type: ignore[list-item]
