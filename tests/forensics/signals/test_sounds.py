"""Signals about sound find what was put there; silence is not examined."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.forensics.evidence import Applies, Evidence, Family
from masquerade.forensics.signals import band_limits, lip_sync, noise_floor, sound_edits
from masquerade.types import Audio

SR = 16_000


def _talk(rng: np.random.Generator, seconds: float = 6.0) -> np.ndarray:
    """Noise in syllables, each of another colour, with a quiet room behind."""
    count = int(seconds * SR)
    made = rng.normal(0, 0.002, count)
    for start in range(0, count - 4000, 5600):
        tones = rng.uniform(200, 4000, 6)
        t = np.arange(4000) / SR
        made[start : start + 4000] += 0.05 * np.sin(2 * np.pi * tones[:, None] * t).sum(axis=0)
    return made.astype(np.float32)


def _audio(samples: np.ndarray, sr: int = SR) -> Audio:
    return Audio(samples[None].astype(np.float32), sr)


def test_a_copied_word_is_found_twice(rng: np.random.Generator) -> None:
    talk = _talk(rng)
    assert sound_edits.repeats(_audio(talk)) == []
    made = np.concatenate([talk, talk[: int(0.9 * SR)]])
    (pair,) = sound_edits.repeats(_audio(made))[:1]
    assert pair[1] - pair[0] == pytest.approx(6.0, abs=0.05)


def test_dead_gaps_and_clipped_peaks_are_counted(rng: np.random.Generator) -> None:
    talk = _talk(rng)
    made = talk.copy()
    made[1000:1400] = 0
    assert sound_edits.silences(_audio(talk)) == []
    assert sound_edits.silences(_audio(made)) == pytest.approx([1000 / SR], abs=0.01)
    made[20_000:20_006] = 1.0
    assert sound_edits.clipped(_audio(made)) == 1


def test_the_upper_limit_of_the_band_is_found(rng: np.random.Generator) -> None:
    talk = rng.normal(0, 0.1, 5 * 48_000)
    wave = np.fft.rfft(talk)
    wave[np.fft.rfftfreq(len(talk), 1 / 48_000) > 7000] *= 1e-4
    found = band_limits.limit(_audio(np.fft.irfft(wave), 48_000))
    assert found is not None
    assert found[0] == pytest.approx(7000, abs=350)


def test_speech_that_is_as_loud_at_the_top_has_no_upper_limit(rng: np.random.Generator) -> None:
    hiss = np.fft.rfft(rng.normal(0, 1, 5 * SR))
    hertz = np.fft.rfftfreq(5 * SR, 1 / SR)
    hiss[hertz < 1500] *= 8  # vowels stand out; the rest is even up to the end
    syllables = np.repeat(rng.random(50) > 0.4, SR // 10)
    found = band_limits.limit(_audio(0.02 * np.fft.irfft(hiss) * (syllables + 0.01)))
    assert found is not None
    assert found[0] > 7800


def test_digital_silence_in_pauses_is_told(rng: np.random.Generator) -> None:
    talk = _talk(rng)
    live = noise_floor.pauses(_audio(talk))
    made = talk.copy()
    made[4000:5600] = made[26_400:28_000] = 0
    dead = noise_floor.pauses(_audio(made))
    assert live is not None
    assert dead is not None
    assert live[2] == 0
    assert dead[2] > 0.02


@pytest.mark.parametrize("seconds", [0.0, 0.5, 5.0])
def test_silence_and_short_sounds_say_nothing(seconds: float) -> None:
    quiet = _audio(np.zeros(int(seconds * SR)))
    assert band_limits.limit(quiet) is None
    assert noise_floor.pauses(quiet) is None
    assert sound_edits.repeats(quiet) == []


def test_lips_that_go_with_the_voice_stand_out(rng: np.random.Generator, cut_of) -> None:  # type: ignore[no-untyped-def]
    share = np.clip(np.convolve(rng.normal(0, 1, 200), np.ones(4) / 2, "same"), 0, 2)
    cuts = [cut_of(n, open_px=6 * share[n]) for n in range(200)]
    voice = rng.normal(0, 0.2, 8 * SR) * np.interp(
        np.arange(8 * SR) / SR, np.arange(200) / 25, share + 0.02
    )
    wave = np.fft.rfft(voice)
    fits = lip_sync.fit(cuts, _audio(np.fft.irfft(wave)))
    late = lip_sync.fit(cuts, _audio(np.roll(voice, SR // 5)))
    other = lip_sync.fit(cuts, _audio(voice[::-1].copy()))
    assert fits is not None
    assert late is not None
    assert other is not None
    assert fits.surplus > 4 > other.surplus
    assert late.lag_s - fits.lag_s == pytest.approx(0.2, abs=0.05)


def test_lips_that_stand_still_say_nothing(cut_of) -> None:  # type: ignore[no-untyped-def]
    sound = Audio(np.full((1, 8 * SR), 0.1, np.float32), SR, Fraction(0))
    assert lip_sync.fit([cut_of(n) for n in range(200)], sound) is None


@pytest.mark.parametrize(("ratio", "kept"), [(-0.8, None), (0.0, None), (0.7, 0.7)])
def test_lips_that_fit_never_speak_for_a_recording(ratio: float, kept: float | None) -> None:
    one = Evidence("lip_sync", Family.SYNC, Applies.YES, "fits", log10_lr=ratio)
    assert lip_sync.never_clears(one).log10_lr == kept
