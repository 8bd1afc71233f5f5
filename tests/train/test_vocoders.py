import numpy as np
import pytest
from train.sound_degraded import coded, degraded, resampled
from train.vocoders import SR, VOCODERS

from masquerade.forensics.canonical_sound import canonical, log_bands


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """A second and a half that is like a voice: a gliding pitch, formants, pauses and hiss."""
    rng = np.random.default_rng(3)
    times = np.arange(3 * SR // 2) / SR
    phase = 2 * np.pi * np.cumsum(130 + 30 * np.sin(2 * np.pi * 1.1 * times)) / SR
    formants = [(600, 150), (1500, 250), (2600, 350)]
    made = 0.004 * rng.standard_normal(len(times))
    for number in range(1, 45):
        loud = sum(np.exp(-(((number * 130 - at) / wide) ** 2)) for at, wide in formants) + 0.02
        made += loud * np.cos(number * phase) / 4
    return np.asarray(made * (np.sin(2 * np.pi * 2 * times) > -0.7), np.float32)


@pytest.mark.parametrize("name", VOCODERS)
def test_a_copy_says_the_same_and_is_not_the_same(name: str, voice: np.ndarray) -> None:
    copy = VOCODERS[name](voice, np.random.default_rng(5))
    assert copy.shape == voice.shape
    assert np.isfinite(copy).all()
    one, other = log_bands(canonical(voice)[0]), log_bands(canonical(copy)[0])
    length = min(one.shape[1], other.shape[1]) - 12
    alike = max(
        float(np.corrcoef(one[:, a : a + length].ravel(), other[:, b : b + length].ravel())[0, 1])
        for a in range(0, 12, 2)
        for b in range(0, 12, 2)
    )
    assert 0.6 < alike < 0.9995


@pytest.mark.parametrize("name", VOCODERS)
def test_the_same_seed_gives_the_same_copy(name: str, voice: np.ndarray) -> None:
    first, again = (VOCODERS[name](voice, np.random.default_rng(2)) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("name", VOCODERS)
def test_silence_is_copied_as_numbers(name: str) -> None:
    copy = VOCODERS[name](np.zeros(SR, np.float32), np.random.default_rng(2))
    assert np.isfinite(copy).all()


def test_sound_on_its_way_stays_sound(voice: np.ndarray) -> None:
    for seed in range(12):
        found = degraded(voice, np.random.default_rng(seed))
        assert np.isfinite(found).all()
        assert abs(len(found) / len(voice) - 1) < 0.25
        assert np.abs(found).max() > 0.05


@pytest.mark.parametrize(
    ("container", "codec"), [("mp3", "mp3"), ("ogg", "libopus"), ("adts", "aac")]
)
def test_codecs_give_back_about_what_they_were_given(
    container: str, codec: str, voice: np.ndarray
) -> None:
    found = coded(voice, container, codec, 64_000)
    power = np.abs(np.fft.rfft(found[: len(voice)], 2 * len(voice)))
    like = np.abs(np.fft.rfft(voice, 2 * len(voice)))
    assert np.corrcoef(power, like)[0, 1] > 0.9


def test_resampling_keeps_the_level(voice: np.ndarray) -> None:
    found = resampled(voice, 1.25)
    assert len(found) == round(1.25 * len(voice))
    assert np.square(found).mean() == pytest.approx(np.square(voice).mean(), rel=0.05)
