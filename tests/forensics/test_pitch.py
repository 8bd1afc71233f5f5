import numpy as np
import pytest

from masquerade.forensics.pitch import pitch

SR = 16_000


@pytest.mark.parametrize("hertz", [90.0, 150.0, 220.0, 350.0])
def test_the_pitch_of_a_buzz_is_found(hertz: float) -> None:
    times = np.arange(SR) / SR
    buzz = sum(np.cos(2 * np.pi * hertz * k * times) / k for k in range(1, 6))
    found, strength = pitch(np.asarray(buzz), SR)
    assert np.median(found) == pytest.approx(hertz, rel=0.03)
    assert np.median(strength) > 0.9


def test_noise_has_no_pitch(rng: np.random.Generator) -> None:
    found, _ = pitch(rng.standard_normal(SR), SR)
    assert (found > 0).mean() < 0.05


def test_hum_far_below_the_voice_is_not_a_voice() -> None:
    times = np.arange(2 * SR) / SR
    sound = np.sin(2 * np.pi * 200 * times)
    sound[SR:] = 0.005 * np.sin(2 * np.pi * 120 * times[SR:])
    found, _ = pitch(sound, SR)
    assert (found[10:90] > 0).all()
    assert (found[110:] == 0).all()
