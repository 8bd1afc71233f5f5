import numpy as np
import pytest

from masquerade.provenance.label.loudness import loudness_lufs
from masquerade.types import Audio


def tone(hz: float, sr: int, seconds: float = 3.0, db: float = 0.0, channels: int = 1) -> Audio:
    wave = 10 ** (db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * sr)) / sr)
    return Audio(np.repeat(wave[None].astype(np.float32), channels, axis=0), sr)


@pytest.mark.parametrize("sr", [8000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("db", [0.0, -23.0])
def test_a_tone_of_997_hz_is_as_loud_as_the_recommendation_says(sr: int, db: float) -> None:
    assert loudness_lufs(tone(997, sr, db=db)) == pytest.approx(db - 3.01, abs=0.05)
    assert loudness_lufs(tone(997, sr, db=db, channels=2)) == pytest.approx(db, abs=0.05)


def test_low_tones_count_less_and_high_ones_more() -> None:
    assert loudness_lufs(tone(40, 48_000)) < loudness_lufs(tone(997, 48_000)) - 4
    assert loudness_lufs(tone(5000, 48_000)) > loudness_lufs(tone(997, 48_000)) + 2


def test_pauses_do_not_count() -> None:
    sound = tone(997, 16_000, 10.0, -20).samples.copy()
    sound[:, 48_000:] *= 0.001

    assert loudness_lufs(Audio(sound, 16_000)) == pytest.approx(-23, abs=0.5)


@pytest.mark.parametrize("samples", [0, 100, 50_000])
def test_silence_has_no_loudness(samples: int) -> None:
    assert loudness_lufs(Audio(np.zeros((2, samples), np.float32), 48_000)) == -np.inf
