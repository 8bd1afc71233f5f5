"""From sound to its units: spans, words, pitch, content and speaker on the clock of the file."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.media.audio import read_audio
from masquerade.models.word_recogniser import Word
from masquerade.speech import words as words_module
from masquerade.speech.content import SpeechContent, content_units
from masquerade.speech.heard import hear, hear_parts
from masquerade.speech.mono import SR, mono
from masquerade.speech.pitch import Pitch, PitchNetwork, pitch
from masquerade.speech.speaker import Speaker, likeness, speaker_embedding, voice_embedding
from masquerade.speech.voice_activity import (
    VoiceActivity,
    speech_spans,
    spoken_s,
    spoken_samples,
)
from masquerade.speech.words import plain_words, words
from masquerade.types import Audio

STEP_S = 512 / SR


def _says(*likely: float):
    """Voice activity that gives these probabilities."""
    return lambda samples: np.array(likely, np.float32)


def _sound(seconds: float, start_s: Fraction = Fraction(0)) -> Audio:
    return Audio(np.zeros((1, int(seconds * SR)), np.float32), SR, start_s)


@pytest.mark.parametrize(
    "sound",
    [Audio(np.zeros((2, 100), np.float32), SR), Audio(np.zeros((1, 100), np.float32), 8_000)],
)
def test_sound_of_another_form_is_refused(sound: Audio) -> None:
    with pytest.raises(UsageError, match="16 kHz"):
        mono(sound)


def test_what_is_no_number_is_silent() -> None:
    sound = Audio(np.array([[0.5, np.nan, np.inf]], np.float32), SR)
    assert mono(sound).tolist() == [0.5, 0, 0]


def test_spans_begin_surely_end_late_and_bridge_short_pauses() -> None:
    likely = [0.0] * 10 + [0.9] * 10 + [0.4] * 2 + [0.1] * 2 + [0.9] * 10 + [0.1] * 10
    (span,) = speech_spans(_sound(44 * STEP_S, Fraction(5)), _says(*likely))
    assert span[0] == pytest.approx(5 + 10 * STEP_S - 0.03)
    assert span[1] == pytest.approx(5 + 34 * STEP_S + 0.03)


def test_clicks_and_silence_are_no_speech() -> None:
    assert speech_spans(_sound(1), _says(*[0.0] * 15, 0.9, *[0.0] * 16)) == []
    assert speech_spans(_sound(0), _says()) == []


def test_spoken_samples_are_those_of_the_spans() -> None:
    sound = Audio(np.arange(SR * 3, dtype=np.float32)[None], SR, Fraction(1))
    spans = [(1.5, 2.0), (3.0, 3.5)]
    speech = spoken_samples(sound, spans)
    assert spoken_s(spans) == 1.0
    assert len(speech) == SR
    assert speech[0] == SR / 2
    assert speech[-1] == 2.5 * SR - 1


def test_long_speech_is_heard_in_parts_and_words_lie_on_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans = [(10.5, 11.0), (12.0, 14.0), (30.0, 100.0)]
    monkeypatch.setattr(words_module, "speech_spans", lambda *_: spans)
    heard: list[float] = []

    def recogniser(samples: np.ndarray) -> list[Word]:
        heard.append(len(samples) / SR)
        return [Word("so", 0.0, 0.6, 0.9)]

    found = words(_sound(95, Fraction(10)), recogniser, _says())

    assert max(heard) <= 30
    assert found[0].start_s == 10.5  # the pause before it is none of it
    assert len(found) == len(heard) == 4
    assert [word.start_s for word in found] == sorted(word.start_s for word in found)


def test_plain_words_forget_case_and_marks() -> None:
    assert plain_words("Don’t — SAY it, 3 times!") == ["don't", "say", "it", "3", "times"]


def test_pitch_between_voiced_times_is_interpolated() -> None:
    one = Pitch(np.array([0, 100, 200, 0], np.float32), np.ones(4, np.float32), 0.016)
    found = one.at(np.array([0.0, 0.016, 0.024, 0.032, 0.05, 9.0]))
    assert found[[0, 4, 5]].tolist() == [0, 0, 0]
    assert found[[1, 3]] == pytest.approx([100, 200], rel=1e-5)
    assert found[2] == pytest.approx(2**0.5 * 100, rel=1e-3)
    none = Pitch(np.zeros(4, np.float32), np.ones(4, np.float32), 0.016)
    assert not none.at(np.linspace(0, 1, 7)).any()


class _Content:
    """Content whose features are the time of each unit."""

    def __call__(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.repeat(samples[: len(samples) // 320 * 320 : 320, None], 384, axis=1)
        return rows, -rows

    def early(self, samples: np.ndarray) -> np.ndarray:
        return self(samples)[0]


@pytest.mark.parametrize("samples", [640, 16_000, 16_160, 30 * SR + 500, 61 * SR])
def test_units_lie_where_they_are_heard_whatever_the_parts(samples: int) -> None:
    sound = Audio(np.arange(samples, dtype=np.float32)[None], SR)
    heard = hear(sound, _Content())
    assert np.diff(heard.early[:, 0]) == pytest.approx(320)
    assert len(heard) == samples // 320 * (samples >= SR // 10)
    assert np.array_equal(heard.late, -heard.early)
    units = content_units(sound, _Content())
    assert units.shape == (samples // 160, 384)
    assert np.array_equal(units[:-1, 0], np.arange(len(units))[:-1] * 160)
    assert units[-1, 0] == units[-2, 0]


def test_a_long_sound_is_heard_in_parts_as_it_is_as_a_whole() -> None:
    samples = np.random.default_rng(0).normal(size=(1, 61 * SR)).astype(np.float32)
    whole = hear(Audio(samples, SR, Fraction(1)), _Content())
    blocks = (
        Audio(samples[:, first : first + SR], SR, 1 + Fraction(first, SR))
        for first in range(0, samples.shape[1], SR)
    )
    parts = list(hear_parts(blocks, _Content()))
    assert [one.first_s for one in parts[1:]] == [one.end_s for one in parts[:-1]]
    for one in parts:
        place = round((one.heard.start_s - whole.start_s) * 50)
        rows = slice(place, place + len(one.heard))
        np.testing.assert_allclose(one.heard.late, whole.late[rows], atol=1e-5)
        np.testing.assert_allclose(one.heard.mel, whole.mel[rows], atol=1e-5)
    assert sum(round((one.end_s - one.first_s) * 50) for one in parts) == len(whole)
    middle = parts[1]
    assert middle.first_s - middle.heard.start_s == pytest.approx(1.0)
    assert middle.heard.start_s + len(middle.heard) / 50 - middle.end_s == pytest.approx(1.0)


def test_too_little_speech_says_nothing_of_who_speaks() -> None:
    assert voice_embedding(np.ones(100, np.float32), lambda _: None) is None
    assert voice_embedding(np.zeros(2 * SR, np.float32), lambda _: None) is None


def test_windows_cover_the_speech() -> None:
    def speaker(windows: np.ndarray) -> np.ndarray:
        shapes.append(windows.shape)
        return np.eye(256, dtype=np.float32)[: len(windows)]

    shapes: list[tuple[int, ...]] = []
    ones = np.ones(5 * SR, np.float32)
    for seconds in (1.0, 1.6, 5.0):
        found = voice_embedding(ones[: int(seconds * SR)], speaker)
        assert np.linalg.norm(found) == pytest.approx(1)
    assert shapes == [(1, 160, 40), (1, 160, 40), (5, 160, 40)]


@pytest.fixture(scope="module")
def volunteers() -> dict[str, Audio]:
    folder = Path(__file__).resolve().parents[3] / "shared" / "media" / "speech"
    if not folder.is_dir():
        pytest.skip("no test media")
    names = ("libri_19/19-198-0003", "libri_19/19-198-0002", "libri_26/26-495-0000")
    return {name: read_audio(folder / f"{name}.flac", sr=SR, mono=True) for name in names}


@pytest.mark.weights
@pytest.mark.media
def test_a_voice_is_known_again(volunteers: dict[str, Audio]) -> None:
    speaker, activity = Speaker.open(), VoiceActivity.open()
    one, same, other = (speaker_embedding(s, speaker, activity) for s in volunteers.values())
    assert likeness(one, same) > 0.85
    assert likeness(one, other) < 0.7


@pytest.mark.weights
@pytest.mark.media
def test_the_pitch_of_a_man_lies_below_a_womans(volunteers: dict[str, Audio]) -> None:
    network = PitchNetwork.open()
    woman, _, man = (pitch(sound, network).hz for sound in volunteers.values())
    assert 150 < np.median(woman[woman > 0]) < 250
    assert 80 < np.median(man[man > 0]) < 140


@pytest.mark.weights
def test_content_of_silence_is_finite() -> None:
    assert np.isfinite(content_units(_sound(0.5), SpeechContent.open())).all()
