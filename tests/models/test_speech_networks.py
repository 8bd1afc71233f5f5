"""The networks of speech give what their cards say, and the exports what their originals give."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ModelError, UsageError
from masquerade.media.audio import read_audio
from masquerade.models.ctranslate2_file import read_variables
from masquerade.models.mel import mel
from masquerade.models.pitch import PitchNetwork
from masquerade.models.speaker import Speaker
from masquerade.models.speaker_graph import onnx_from_resemblyzer
from masquerade.models.speech_content import SpeechContent, log_mel
from masquerade.models.speech_content_graph import onnx_from_whisper
from masquerade.models.talkers import FRAMES, PEOPLE, SAMPLES, Talkers
from masquerade.models.talkers_graph import onnx_from_pyannote
from masquerade.models.voice_activity import VoiceActivity
from masquerade.models.word_recogniser import WordRecogniser

SR = 16_000


@pytest.fixture(scope="module")
def sentence() -> np.ndarray:
    place = Path(__file__).resolve().parents[3] / "shared" / "media" / "speech" / "jfk.wav"
    if not place.is_file():
        pytest.skip("no test media")
    return read_audio(place, sr=SR, mono=True).samples[0]


def test_mel_bands_have_the_power_of_a_tone_where_it_lies() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(SR) / SR).astype(np.float32)
    bands = mel(tone, 40)
    assert bands.shape == (101, 40)
    assert bands.dtype == np.float32
    loudest = int(bands[50].argmax())
    assert bands[50, loudest] > 100 * np.median(bands[50])
    assert (mel(2 * tone, 40) / np.maximum(bands, 1e-9))[50, loudest] == pytest.approx(4, rel=1e-3)


def test_the_spectrogram_is_limited_to_eight_powers_of_ten(rng: np.random.Generator) -> None:
    spectrogram = log_mel(rng.normal(0, 0.1, SR).astype(np.float32))
    assert spectrogram.shape == (80, 100)
    assert spectrogram.max() - spectrogram.min() <= 2.0
    assert np.isfinite(log_mel(np.zeros(SR, np.float32))).all()


@pytest.mark.parametrize("data", [b"", b"\6\0\0\0", b"\7\0\0\0" + bytes(50), bytes(1000)])
def test_what_is_no_model_of_ctranslate2_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="no CTranslate2 model"):
        read_variables(data)


def test_other_weights_are_not_exported() -> None:
    with pytest.raises(ModelError, match="12 bytes"):
        onnx_from_resemblyzer(bytes(12))
    empty = b"\6\0\0\0" + b"\1\0\0" + bytes(8)
    with pytest.raises(ModelError, match="no Whisper"):
        onnx_from_whisper(empty)
    with pytest.raises(ModelError, match="no weights of pyannote"):
        onnx_from_pyannote(empty)


@pytest.mark.weights
def test_speech_is_told_from_silence_and_noise(sentence, rng: np.random.Generator) -> None:
    activity = VoiceActivity.open()
    assert activity(sentence).max() > 0.9
    assert activity(np.zeros(SR, np.float32)).max() < 0.3
    assert activity(rng.normal(0, 0.05, SR).astype(np.float32)).max() < 0.5
    assert activity(np.zeros(0, np.float32)).shape == (0,)
    assert activity(np.zeros(513, np.float32)).shape == (2,)


@pytest.mark.weights
def test_pitch_of_a_tone_and_of_nothing() -> None:
    network = PitchNetwork.open()
    for hz in (90.0, 220.0):
        phase = 2 * np.pi * hz * np.arange(SR) / SR
        tone = sum(np.sin(k * phase) / k for k in range(1, 12)) * 0.2
        found, sure = network(tone.astype(np.float32))
        assert np.median(found) == pytest.approx(hz, rel=0.02)
        assert np.median(sure) > 0.5
    assert network(np.zeros(SR, np.float32))[1].max() == 0
    assert network(np.zeros(100, np.float32))[0].shape == (0,)


@pytest.mark.weights
def test_pitch_in_blocks_is_pitch_in_one_go(sentence, monkeypatch: pytest.MonkeyPatch) -> None:
    network = PitchNetwork.open()
    whole = network(sentence)
    monkeypatch.setattr("masquerade.models.pitch._BLOCK", 128 * 256)
    for one, other in zip(whole, network(sentence), strict=True):
        assert np.allclose(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.weights
def test_embeddings_of_voices_have_unit_length(sentence) -> None:
    bands = mel(sentence, 40)
    found = Speaker.open()(np.stack([bands[:160], bands[100:260]]))
    assert found.shape == (2, 256)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert found[0] @ found[1] > 0.6


@pytest.mark.weights
def test_the_exported_encoder_gives_what_the_recogniser_hears(sentence) -> None:
    from ctranslate2 import StorageView

    recogniser, part = WordRecogniser.open(), sentence[: 4 * SR]
    _, late = SpeechContent.open()(part)
    own = np.array(recogniser._model.encode(StorageView.from_array(log_mel(part)[None])))[0]
    assert late.shape == (200, 384)
    assert np.corrcoef(own.ravel(), late.ravel())[0, 1] > 0.99  # the recogniser counts in int8


@pytest.mark.weights
def test_content_is_heard_in_stretches_that_fit() -> None:
    content = SpeechContent.open()
    with pytest.raises(UsageError, match=r"0\.02 to 30 s"):
        content(np.zeros(31 * SR, np.float32))
    with pytest.raises(UsageError, match=r"0\.02 to 30 s"):
        content(np.zeros(100, np.float32))


@pytest.mark.weights
def test_words_are_written_in_order(sentence, rng: np.random.Generator) -> None:
    recogniser = WordRecogniser.open()
    found = recogniser(sentence)
    text = " ".join(word.text for word in found).lower()
    assert "ask not what your country can do for you" in text
    assert all(a.start_s <= a.end_s <= b.end_s for a, b in pairwise(found))
    assert all(0 <= word.probability <= 1 for word in found)
    assert recogniser(np.zeros(100, np.float32)) == []
    with pytest.raises(UsageError, match="at most 30 s"):
        recogniser(np.zeros(31 * SR, np.float32))


@pytest.mark.weights
def test_who_speaks_is_nobody_in_noise_and_one_in_a_speech(
    sentence, rng: np.random.Generator
) -> None:
    talkers = Talkers.open()
    noise = talkers(rng.normal(0, 0.05, SAMPLES).astype(np.float32))
    assert noise.shape == (FRAMES, PEOPLE)
    assert (noise > 0.5).mean() < 0.05
    speech = talkers(np.resize(sentence, SAMPLES)) > 0.5
    assert speech.any(axis=1).mean() > 0.5
    assert (speech.sum(axis=1) > 1).mean() < 0.01
