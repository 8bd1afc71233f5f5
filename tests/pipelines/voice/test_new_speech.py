"""What is said in a video: as recorded, in another voice, or read out; each names what goes in."""

import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.generate.lipsync import Lines
from masquerade.pipelines.lips.lines import Said, said
from masquerade.pipelines.voice import new_speech as module
from masquerade.pipelines.voice.new_speech import NewSpeech, first_of, new_speech
from masquerade.types import Audio, IdentityUse, InputUse


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Nobody is told."""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "new.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(bytes(4 * 44_100))
    return path


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A voice that halves what is said, and a narrator who says a second for each word."""

    def generator(*_: object) -> object:
        def halve(blocks: Iterator[Audio]) -> Iterator[Audio]:
            for one in blocks:
                yield Audio(one.samples / 2, one.sr, one.start_s)

        return halve

    def read(text: str, *_: object, **__: object) -> Iterator[Audio]:
        for number, _word in enumerate(text.split()):
            yield Audio(np.ones((1, 16_000), np.float32), 16_000, Fraction(number))

    use = IdentityUse("source", "voice", np.ones(256, np.float32), "b" * 64, "mqc-1")
    opened = SimpleNamespace(
        file=SimpleNamespace(voice=None),
        records=(),
        use=lambda: use,
        input=lambda: InputUse("source", "ann.mvoice", "b" * 64),
    )
    nothing = SimpleNamespace(open=lambda **_: None)
    monkeypatch.setattr(module, "open_voice", lambda *_: opened)
    monkeypatch.setattr(module, "SpeechReader", nothing)
    monkeypatch.setattr(module, "TextToSpeech", nothing)
    monkeypatch.setattr(module, "read_aloud", read)
    monkeypatch.setattr(module, "voices_in", lambda *_: ())
    monkeypatch.setattr(module.voice_convert, "prepare", generator)
    monkeypatch.setattr(module.voice_speak, "prepare", generator)
    return Path("ann.mvoice")


def test_a_recording_is_heard_as_it_is(recording: Path) -> None:
    made = new_speech(recording, "", None, silent)

    assert (made.sr, made.channels, made.also) == (22_050, 2, ())
    assert [one.role for one in made.inputs] == ["driving"]
    assert sum(one.samples.shape[1] for one in made.heard()) == 44_100
    followed = list(made.followed())
    assert {one.sr for one in followed} == {16_000}
    assert sum(one.samples.shape[1] for one in followed) == pytest.approx(32_000, abs=2)


def test_in_a_voice_the_lips_follow_the_recording(recording: Path, voice: Path) -> None:
    made = new_speech(recording, "", voice, silent)

    assert (made.sr, made.channels, made.also) == (16_000, 1, ("voice_convert",))
    assert [(one.role, one.name) for one in made.inputs] == [
        ("driving", "new.wav"),
        ("source", "ann.mvoice"),
    ]
    assert {name for name, _ in made.models} >= {"speaker", "speech_content"}
    assert [one.input_sha256 for one in made.uses(())] == ["b" * 64]
    assert sum(one.samples.shape[1] for one in made.heard()) == pytest.approx(32_000, abs=2)


def test_a_text_is_read_once_and_said_in_the_voice(voice: Path) -> None:
    made = new_speech(None, "good morning all", voice, silent)

    assert made.also == ("voice_speak",)
    assert not made.is_recorded
    assert [one.role for one in made.inputs] == ["source"]
    assert len(str(made.said["text_sha256"])) == 64
    for _ in range(2):
        assert [float(one.samples.max()) for one in made.followed()] == [1, 1, 1]
        assert [float(one.samples.max()) for one in made.heard()] == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("has_recording", "text", "has_voice"),
    [(False, " ", True), (True, "hello", True), (False, "hello", False), (False, "x" * 5001, True)],
)
def test_what_makes_no_sense_is_refused(
    recording: Path, voice: Path, has_recording: bool, text: str, has_voice: bool
) -> None:
    with pytest.raises(UsageError):
        new_speech(recording if has_recording else None, text, voice if has_voice else None, silent)


@pytest.mark.parametrize(("most_s", "count"), [(None, 30), (Fraction(3), 30), (Fraction(9, 4), 22)])
def test_a_sound_ends_with_the_video(most_s: Fraction | None, count: int) -> None:
    blocks = (Audio(np.zeros((1, 10), np.float32), 10, Fraction(k)) for k in range(3))

    assert sum(one.samples.shape[1] for one in first_of(blocks, most_s)) == count


def test_lines_have_a_shape_for_every_frame_whatever_the_parts() -> None:
    class Content:
        def __call__(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            rows = np.zeros((len(samples) // 320, 384), np.float32)
            return rows, rows

    talker = SimpleNamespace(space=SimpleNamespace(rest=np.zeros(10, np.float32)))
    learned = SimpleNamespace(
        talker=talker,
        livelier=2.0,
        articulation=lambda _, times_s: np.tile(times_s[:, None], (1, 10)).astype(np.float32),
    )
    blocks = (Audio(np.zeros((1, 16_000), np.float32), 16_000, Fraction(k)) for k in range(30))

    made: Said = said(blocks, learned, Content(), step_s=Fraction(1, 25))  # type: ignore[arg-type]

    assert made.seconds == pytest.approx(30)
    assert made.lines.times_s == pytest.approx(np.arange(751) / 25)
    assert made.lines.shapes[:, 0] == pytest.approx(2 * made.lines.times_s)
    assert made.later(Fraction(1, 2)).times_s[0] == 0.5


def _open_mouth(count: int) -> Said:
    shapes = np.full((count, 10), 2, np.float32)
    return Said(Lines(np.arange(count) / 25, shapes, np.zeros((0, 2))), count / 25)


def test_after_a_recording_that_was_cut_the_mouth_closes() -> None:
    talker = SimpleNamespace(space=SimpleNamespace(rest=np.full(10, -1, np.float32)))

    made = _open_mouth(25).held(talker, None, Fraction(7), Fraction(9)).lines  # type: ignore[arg-type]

    assert made.times_s == pytest.approx(np.arange(len(made.times_s)) / 25)
    assert made.times_s[-1] >= 2
    np.testing.assert_array_equal(made.shapes[:25], 2)
    np.testing.assert_array_equal(made.shapes[32:], -1)
    assert float(np.abs(np.diff(made.shapes[:, 0])).max()) < 1


def test_a_mouth_is_held_as_in_the_target_whenever_the_lines_begin() -> None:
    talker = SimpleNamespace(space=SimpleNamespace(rest=np.zeros(10, np.float32)))

    def held(times_s: np.ndarray) -> np.ndarray:
        return np.tile(times_s[:, None], (1, 10)).astype(np.float32)

    made = _open_mouth(25).held(talker, held, Fraction(7), Fraction(7)).lines  # type: ignore[arg-type]

    assert made.shapes[:, 3] == pytest.approx(2 + 7 + np.arange(25) / 25)


def test_nobody_is_named_for_a_silent_text() -> None:
    assert list(NewSpeech(16_000, 1, lambda: iter(()), lambda: iter(()), ()).uses(())) == []
