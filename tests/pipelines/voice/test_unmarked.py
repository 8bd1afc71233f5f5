"""Recordings that carry this program's watermark are told before anything is made of them."""

import wave
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.pipelines.voice.unmarked import check_unmarked_speech
from masquerade.provenance.keys import rest_key
from masquerade.provenance.watermark.sound.embed import marked
from masquerade.types import Audio

SR = 16_000


def write(path: Path, sound: Audio) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SR)
        file.writeframes((np.clip(sound.samples[0], -1, 1) * 32767).astype("<i2").tobytes())
    return path


def test_a_recording_that_was_made_here_is_told(tmp_path: Path, rng: np.random.Generator) -> None:
    plain = Audio(rng.normal(0, 0.1, (1, 12 * SR)).astype(np.float32), SR)
    made = list(marked([plain], 12345, rest_key(None, "watermark")))
    whole = Audio(np.concatenate([one.samples for one in made], axis=1), SR)

    check_unmarked_speech(write(tmp_path / "plain.wav", plain))
    with pytest.raises(UsageError, match="was made here") as caught:
        check_unmarked_speech(write(tmp_path / "made.wav", whole))
    assert "portrait PHOTO" in caught.value.todo
