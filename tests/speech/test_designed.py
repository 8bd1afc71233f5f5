import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.speech import designed as module
from masquerade.speech.designed import Design, designed
from masquerade.speech.world import cepstra_with, colour

SR = 16_000
HZ = 150.0


@pytest.fixture
def vowel(monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    """A second of pulses at 150 Hz through resonances at 500 and 1500 Hz."""
    pytest.importorskip("pyworld")
    spectrum = np.fft.rfftfreq(SR, 1 / SR)
    shape = sum(1 / (1 + ((spectrum - at) / 80) ** 2) for at in (500, 1500)) + 0.01
    pulses = (np.arange(SR) % round(SR / HZ) == 0).astype(np.float64)
    samples = np.fft.irfft(np.fft.rfft(pulses) * shape).astype(np.float32)
    f0 = np.full(SR // 80, HZ, np.float32)
    monkeypatch.setattr(module, "f0_of", lambda *_: f0)
    return samples


def _pitch_hz(samples: NDArray[np.float32]) -> float:
    part = samples[4000:12_000]
    echo = np.correlate(part, part, "full")[len(part) - 1 :]
    return SR / (40 + int(echo[40:400].argmax()))


def _peak_hz(samples: NDArray[np.float32], low: float, high: float) -> float:
    """The highest point of the outline of the spectrum between two frequencies."""
    power = np.abs(np.fft.rfft(samples[4000:12_000] * np.hanning(8000))) ** 2
    hz = np.fft.rfftfreq(8000, 1 / SR)
    outline = np.convolve(power, np.hanning(200), "same")
    inside = (hz > low) & (hz < high)
    return float(hz[inside][outline[inside].argmax()])


@pytest.mark.parametrize("pitch_hz", [90.0, 200.0])
def test_the_pitch_is_that_of_the_design(vowel: NDArray[np.float32], pitch_hz: float) -> None:
    made = designed(vowel, Design(pitch_hz=pitch_hz), None)  # type: ignore[arg-type]
    assert made.shape == vowel.shape
    assert _pitch_hz(made) == pytest.approx(pitch_hz, rel=0.03)
    assert np.abs(made).max() <= 0.95


def test_a_shorter_throat_raises_the_resonances(vowel: NDArray[np.float32]) -> None:
    as_it_is, shorter = (
        designed(vowel, Design(pitch_hz=HZ, throat=(by, by, by)), None)  # type: ignore[arg-type]
        for by in (1.0, 1.15)
    )
    moved = _peak_hz(shorter, 1100, 2100) / _peak_hz(as_it_is, 1100, 2100)
    assert moved == pytest.approx(1.15, abs=0.06)


def test_the_same_speech_gives_the_same_voice(vowel: NDArray[np.float32]) -> None:
    design = Design(pitch_hz=120, slope_db=2, breath_db=6)
    one, other = (designed(vowel, design, None) for _ in range(2))  # type: ignore[arg-type]
    assert np.array_equal(one, other)


def test_cepstra_stand_for_the_spectrum_they_were_made_of() -> None:
    logs = np.cos(np.linspace(0, 3 * np.pi, 513, dtype=np.float32))[None]
    assert colour(cepstra_with(logs)) == pytest.approx(logs, abs=0.05)


@pytest.mark.parametrize(
    "values", [{"pitch_hz": 20}, {"pitch_hz": 120, "throat": (2, 1, 1)}, {"pitch_hz": 120, "x": 1}]
)
def test_a_voice_that_nobody_could_have_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Design.model_validate(values)
