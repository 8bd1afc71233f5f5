import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.forensics.canonical_sound import SR, canonical
from masquerade.forensics.voice_traces import TRACES, traces, windows
from masquerade.types import Audio


@pytest.fixture
def speech_like(rng: np.random.Generator) -> np.ndarray:
    times = np.arange(3 * SR) / SR
    buzz = sum(np.cos(2 * np.pi * 140 * k * times + k) / k for k in range(1, 40))
    level = 0.2 + 0.8 * np.abs(np.sin(2 * np.pi * 1.5 * times))
    return np.asarray(0.05 * level * buzz + 0.003 * rng.standard_normal(len(times)), np.float32)


@pytest.mark.parametrize("length", [0, 10, 4000, 3 * SR])
def test_silence_gives_no_windows(length: int) -> None:
    found = windows(Audio(np.zeros((1, length), np.float32), SR))
    assert found.traces.shape == (0, TRACES)
    assert found.starts_s.shape == found.loud.shape == (0,)


def test_windows_say_where_they_lie_in_the_sound(speech_like: np.ndarray) -> None:
    late = np.concatenate([np.zeros(SR, np.float32), speech_like])[None]
    found = windows(Audio(late, SR))
    assert found.starts_s[0] == pytest.approx(1.0, abs=0.05)
    assert len(found.traces) == len(found.starts_s) == len(found.loud) == 3
    assert np.isfinite(found.traces).all()


def test_another_rate_is_refused() -> None:
    with pytest.raises(UsageError):
        windows(Audio(np.zeros((1, 8000), np.float32), 8000))


@pytest.mark.parametrize("extra", [-1, 0, 159, 160])
def test_the_last_window_ends_where_the_sound_does(extra: int, speech_like: np.ndarray) -> None:
    length = 127 * 160 + 512 + extra
    assert traces(canonical(speech_like)[0][:length]).shape == (int(extra >= 0), TRACES)


def test_how_loud_and_which_microphone_change_less_than_phases(speech_like: np.ndarray) -> None:
    spectrum = np.fft.rfft(speech_like)
    duller = np.fft.irfft(spectrum * np.linspace(1, 0.4, len(spectrum))).astype(np.float32)
    chance = np.exp(2j * np.pi * np.random.default_rng(0).random(len(spectrum)))
    blurred = np.fft.irfft(spectrum * chance).astype(np.float32)
    plain, soft, dull, blur = (
        traces(canonical(one)[0])[0] for one in (speech_like, 0.1 * speech_like, duller, blurred)
    )
    assert np.abs(soft - plain).mean() < 0.01
    assert np.abs(dull - plain).mean() < 0.3 * np.abs(blur - plain).mean()
