"""The recogniser of phones hears speech, and nothing in silence."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ModelError
from masquerade.media.audio import read_audio
from masquerade.models.phone_recogniser import MOST_S, SR, PhoneRecogniser


@pytest.fixture(scope="module")
def recogniser() -> PhoneRecogniser:
    pytest.importorskip("pocketsphinx")
    return PhoneRecogniser.open()


def test_silence_and_moments_have_no_phones(recogniser: PhoneRecogniser) -> None:
    assert recogniser(np.zeros(SR, np.float32)) == []
    assert recogniser(np.ones(100, np.float32)) == []
    assert recogniser(np.zeros(0, np.float32)) == []


def test_noise_at_any_level_is_no_error(
    recogniser: PhoneRecogniser, rng: np.random.Generator
) -> None:
    for level in (1e-3, 1.0, 50.0):
        heard = recogniser(rng.normal(0, level, SR).astype(np.float32))
        assert all(one.start_s < one.end_s <= 1.05 for one in heard)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_heard_as_silence(
    recogniser: PhoneRecogniser, rng: np.random.Generator, broken: float
) -> None:
    samples = rng.normal(0, 0.1, 2 * SR).astype(np.float32)
    samples[SR : SR + 800] = 0
    expected = recogniser(samples)
    samples[SR : SR + 800] = broken
    assert expected
    assert recogniser(samples) == expected
    assert recogniser(np.full(SR, broken, np.float32)) == []


def test_more_than_a_minute_at_once_is_refused(recogniser: PhoneRecogniser) -> None:
    with pytest.raises(ModelError, match="at once"):
        recogniser(np.ones(int((MOST_S + 1) * SR), np.float32))


@pytest.mark.media
def test_a_spoken_sentence_is_heard(recogniser: PhoneRecogniser, media_dir: Path) -> None:
    clip = media_dir / "talking" / "grid_others" / "pwij3p.mpg"  # "place white in j three please"
    heard = recogniser(read_audio(clip, sr=SR, mono=True).samples[0])
    spoken = [one.name for one in heard if one.spoken]
    assert 8 <= len(spoken) <= 30
    assert {"W", "AY", "R", "IY"} <= set(spoken)
