"""Statements in real voices; what the recogniser understands is put in its place."""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import ConsentError, InputError
from masquerade.media.audio import read_audio
from masquerade.models.speaker import SR
from masquerade.models.word_recogniser import Word
from masquerade.provenance.consent import recording
from masquerade.provenance.consent.challenge import Challenge, draw
from masquerade.provenance.consent.check import check
from masquerade.provenance.consent.statement import statement
from masquerade.provenance.consent.statement_check import (
    StatementReader,
    check_one_voice,
    hear_recording,
    hear_statement,
)
from masquerade.provenance.consent.voice_reader import VoiceReader
from masquerade.provenance.watermark.sound.decode import SoundDetection
from masquerade.types import IdentityUse

pytestmark = [pytest.mark.media, pytest.mark.weights]
STATED = statement("Ada Roth", "Studio North", ["short film"])
LONG_S, TAIL_S = 13.0, 3.5
Reader = Callable[..., StatementReader]


@dataclass
class Heard:
    """A recogniser that understands what it is told: a text, its last six words at the end."""

    text: str

    def __call__(self, samples: np.ndarray) -> list[Word]:
        *first, a, b, c, d, e, f = self.text.split()
        end = len(samples) / SR
        begin = end - TAIL_S
        starts = [*np.linspace(0, begin, len(first), endpoint=False)]
        starts += [*np.linspace(begin, end, 6, endpoint=False)]
        words = [*first, a, b, c, d, e, f]
        ends = [*starts[1:], end]
        said = zip(words, starts, ends, strict=True)
        return [Word(text, float(one), float(other), 0.9) for text, one, other in said]


@pytest.fixture(autouse=True)
def _unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for watermarks takes most of the time; test_recording.py tries it."""
    monkeypatch.setattr(recording, "read_sound", lambda *_: SoundDetection("none"))


@pytest.fixture(scope="module")
def voices() -> VoiceReader:
    return VoiceReader.open()


@pytest.fixture
def reader(voices: VoiceReader) -> Reader:
    return lambda text: StatementReader(voices, Heard(text))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def speech(media_dir: Path, voices: VoiceReader) -> dict[str, np.ndarray]:
    books = {"19": "19-198-0003", "26": "26-495-0002", "27": "27-123349-0004"}
    return {
        name: voices.speech(
            read_audio(media_dir / f"speech/libri_{name}/{book}.flac", sr=SR, mono=True)
        )
        for name, book in books.items()
    }


def _write(path: Path, *parts: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SR)
        file.writeframes((np.concatenate(parts) * 32767).astype("<i2").tobytes())
    return path


def _text(drawn: Challenge) -> str:
    return STATED.text(drawn.words, datetime.now(UTC).date())


def _cut(samples: np.ndarray, begin_s: float, end_s: float) -> np.ndarray:
    return samples[round(begin_s * SR) : round(end_s * SR)]


def test_a_statement_binds_the_voice_that_says_it(
    scene: ModuleType, speech: dict[str, np.ndarray], reader: Reader, tmp_path: Path
) -> None:
    drawn = draw(STATED)
    path = _write(tmp_path / "ada.wav", _cut(speech["19"], 0, LONG_S))
    heard = hear_statement(path, STATED, reader(_text(drawn)))
    assert (heard.challenge, heard.heard) == (drawn.id, _text(drawn))
    record = scene.make_record(embeddings=(), voices=[heard])

    def use(speaker: str) -> IdentityUse:
        measured = reader("").voices.embedding(speech[speaker])
        return IdentityUse("source", "voice", measured, "f" * 64)

    check(record, use("19"), purpose="test", method="voice", media="audio")
    with pytest.raises(ConsentError, match="is not the one of consent"):  # right words, wrong voice
        check(record, use("26"), purpose="test", method="voice", media="audio")
    with pytest.raises(ConsentError, match="this is an old recording"):
        hear_statement(path, STATED, reader(_text(drawn)))


def test_an_old_or_anothers_statement_is_refused(
    speech: dict[str, np.ndarray], reader: Reader, tmp_path: Path
) -> None:
    drawn = draw(STATED)
    path = _write(tmp_path / "ada.wav", _cut(speech["19"], 0, LONG_S))
    later = datetime.now(UTC) + timedelta(days=8)
    with pytest.raises(ConsentError, match="the recording is too old"):
        hear_statement(path, STATED, reader(_text(drawn)), now=later)
    another = _text(drawn).replace("Ada Roth", "Bob Miller")
    with pytest.raises(ConsentError, match="the name 'Ada Roth' is not heard"):
        hear_statement(path, STATED, reader(another))
    guessed = f"{STATED.consent} My words are: one two three four five six"
    with pytest.raises(ConsentError, match="of the six words at the end"):
        hear_statement(path, STATED, reader(guessed))


@pytest.mark.parametrize("tail_s", [6.5, TAIL_S])
def test_statements_of_two_people_are_refused(
    speech: dict[str, np.ndarray], reader: Reader, tmp_path: Path, tail_s: float
) -> None:
    ada, bob = _cut(speech["19"], 0, LONG_S - tail_s), _cut(speech["26"], 0, tail_s)
    path = _write(tmp_path / "both.wav", ada, bob)
    with pytest.raises(ConsentError, match=r"one person from beginning to end|voice of the rest"):
        hear_statement(path, STATED, reader(_text(draw(STATED))))


def test_too_little_speech_is_told(
    speech: dict[str, np.ndarray], reader: Reader, tmp_path: Path
) -> None:
    path = _write(tmp_path / "short.wav", _cut(speech["19"], 0, 5))
    with pytest.raises(InputError, match=r"s of speech; expected: at least 8 s"):
        hear_statement(path, STATED, reader(_text(draw(STATED))))


def test_recordings_of_an_estate_are_of_one_person(
    speech: dict[str, np.ndarray], voices: VoiceReader, tmp_path: Path
) -> None:
    ada = [
        hear_recording(_write(tmp_path / f"{end}.wav", _cut(speech["19"], 0, end)), voices)
        for end in (9.0, 11.0)
    ]
    bob = hear_recording(_write(tmp_path / "bob.wav", _cut(speech["27"], 0, 10)), voices)
    assert {(one.challenge, one.heard) for one in ada} == {("", "")}
    check_one_voice(ada)
    with pytest.raises(ConsentError, match="of different people"):
        check_one_voice([*ada, bob])
