import numpy as np
import pytest

from masquerade.forensics.canonical_sound import SR, canonical, log_bands


@pytest.fixture
def speech_like(rng: np.random.Generator) -> np.ndarray:
    times = np.arange(3 * SR) / SR
    buzz = sum(np.cos(2 * np.pi * 140 * k * times + k) / k for k in range(1, 40))
    level = 0.2 + 0.8 * np.abs(np.sin(2 * np.pi * 1.5 * times))
    return np.asarray(0.05 * level * buzz + 0.003 * rng.standard_normal(len(times)), np.float32)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Of bands that may begin up to three frames apart."""
    length = min(one.shape[1], other.shape[1]) - 3
    return max(
        float(np.corrcoef(one[:, :length].ravel(), other[:, at : at + length].ravel())[0, 1])
        for at in range(4)
    )


@pytest.mark.parametrize(
    "changed",
    [
        lambda sound: 0.1 * sound,
        lambda sound: sound + np.float32(0.02),
        lambda sound: np.concatenate([np.zeros(8000, np.float32), sound]),
        lambda sound: np.concatenate([sound, np.zeros(16000, np.float32)]),
    ],
    ids=["softer", "off centre", "silence before", "silence behind"],
)
def test_level_offset_and_silence_tell_nothing(changed, speech_like: np.ndarray) -> None:
    same = log_bands(canonical(speech_like)[0])
    other = log_bands(canonical(changed(speech_like))[0])
    assert abs(same.shape[1] - other.shape[1]) <= 3
    assert correlation(same, other) > 0.97


def test_what_is_above_seven_kilohertz_tells_nothing(
    speech_like: np.ndarray, rng: np.random.Generator
) -> None:
    spectrum = np.fft.rfft(rng.standard_normal(len(speech_like)))
    spectrum[np.fft.rfftfreq(len(speech_like), 1 / SR) < 7400] = 0
    hiss = np.fft.irfft(spectrum, len(speech_like)).astype(np.float32)
    same = log_bands(canonical(speech_like)[0])
    other = log_bands(canonical(speech_like + 0.1 * hiss)[0])
    assert correlation(same, other) > 0.97
