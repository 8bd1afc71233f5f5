"""How loud a voice is, against its own usual level."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.speech.loudness import loudness
from masquerade.types import Audio

SR = 16_000
TONE = np.sin(np.arange(2 * SR) / 8).astype(np.float32)


@pytest.mark.parametrize("level", [0.02, 0.5])
def test_silence_is_0_and_the_usual_level_is_high_whatever_it_is(level: float) -> None:
    samples = np.concatenate([np.zeros(SR, np.float32), level * TONE])[None]
    quiet, usual = loudness(Audio(samples, SR, Fraction(5)), np.array([5.5, 7.0]))
    assert quiet == 0
    assert usual == pytest.approx(0.79, abs=0.03)


def test_times_beyond_the_sound_are_silent() -> None:
    assert loudness(Audio(TONE[None], SR), np.array([-3.0, 30.0])).tolist() == [0, 0]


def test_other_rates_are_refused() -> None:
    with pytest.raises(UsageError):
        loudness(Audio(TONE[None], 8000), np.array([0.0]))
