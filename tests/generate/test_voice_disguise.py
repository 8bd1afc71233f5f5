"""A voice disguised: another voice, the same length, in range, the same for the same guise."""

from collections.abc import Iterator

import numpy as np
import pytest

from masquerade import registry
from masquerade.errors import UsageError
from masquerade.generate import voice_disguise as method
from masquerade.generate.voice_disguise import Guise, Options, prepare
from masquerade.types import Audio

SR = 16_000
GUISE = Guise(1.3, (1.1, 1.2, 1.15, 1.2), 5)


def voice(level: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(1)
    return (level * rng.standard_normal((1, SR))).clip(-1, 1).astype(np.float32)


def spoken(samples: np.ndarray, guise: Guise = GUISE, **options: float) -> np.ndarray:
    def blocks() -> Iterator[Audio]:
        for start in range(0, samples.shape[1], 3000):
            yield Audio(samples[:, start : start + 3000], SR)

    made = prepare(guise, Options(**options))(blocks())
    return np.concatenate([one.samples for one in made], axis=1)


def test_it_is_a_method_of_sound_that_takes_a_target_alone() -> None:
    assert registry.makes(method) == "sound"
    assert registry.takes(method) == ("target",)


def test_the_same_guise_gives_the_same_sound_and_another_another() -> None:
    samples = voice()

    assert np.array_equal(spoken(samples), spoken(samples))
    assert not np.allclose(
        spoken(samples), spoken(samples, Guise(1.3, (1.1, 1.2, 1.15, 1.2), 6)), atol=0.01
    )
    assert not np.allclose(spoken(samples), spoken(samples, strength=0.6), atol=0.01)


@pytest.mark.parametrize("level", [0.01, 0.6])
def test_it_stays_in_range_and_about_as_loud(level: float) -> None:
    samples = voice(level)

    made = spoken(samples)

    assert made.shape == samples.shape
    assert float(np.abs(made).max()) <= 1
    assert float(made.std()) == pytest.approx(float(samples.std()), rel=0.3)


def test_another_device_is_refused() -> None:
    with pytest.raises(UsageError, match="cuda"):
        prepare(GUISE, Options(), device="cuda")
