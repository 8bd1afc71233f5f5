"""What a channel has beyond another: what it shares with it is gone, what is its own stays."""

import numpy as np
import pytest

from masquerade.speech import beyond as module
from masquerade.speech.beyond import beyond

SR = 16_000


def coloured(rng: np.random.Generator, seconds: float) -> np.ndarray:
    noise = rng.normal(size=int(seconds * SR))
    return (np.convolve(noise, np.hanning(12), "same") * 0.1).astype(np.float32)


def test_the_same_sound_later_quieter_and_duller_is_explained(rng: np.random.Generator) -> None:
    sound = coloured(rng, 4)
    echo = 0.4 * np.roll(sound, 300) + 0.2 * np.convolve(sound, np.ones(9) / 9, "same")

    left = beyond(echo.astype(np.float32), sound)

    assert left.shape == sound.shape
    assert np.square(left).mean() < 0.03 * np.square(echo).mean()


def test_what_is_of_a_channel_alone_stays(rng: np.random.Generator) -> None:
    sound, own = coloured(rng, 4), coloured(rng, 4)

    left = beyond(0.5 * sound + own, sound)

    assert np.corrcoef(left, own)[0, 1] > 0.97
    assert left.std() == pytest.approx(own.std(), rel=0.05)


@pytest.mark.parametrize("count", [0, 1, 700, 40_000])
def test_every_length_and_silence(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(module, "_PIECE", 32_000)
    tone = np.sin(np.arange(count) / 9).astype(np.float32)

    np.testing.assert_allclose(beyond(tone, np.zeros_like(tone)), tone, atol=1e-3)
