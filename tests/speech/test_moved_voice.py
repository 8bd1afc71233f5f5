"""Pitch and resonances moved: by how much, and that time, length, silence and cuts stay."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.speech.moved_pitch import moved_pitch
from masquerade.speech.moved_resonances import moved_resonances
from masquerade.types import Audio

SR = 16_000
Samples = NDArray[np.float32]
Stage = Callable[[Iterator[Audio]], Iterator[Audio]]


def up(blocks: Iterator[Audio]) -> Iterator[Audio]:
    return moved_pitch(blocks, lambda second: 1.3)


def wider(blocks: Iterator[Audio]) -> Iterator[Audio]:
    return moved_resonances(blocks, lambda second, hz: hz / 1.2)


STAGES = [pytest.param(up, id="pitch"), pytest.param(wider, id="resonances")]


def voiced(seconds: float = 1.5, hz: float = 120.0, sr: int = SR, channels: int = 1) -> Samples:
    """(channels, n) pulses through two resonances, louder and softer in turns."""
    count = int(seconds * sr)
    pulses = np.zeros(count)
    pulses[(np.arange(0, seconds, 1 / hz) * sr).astype(int)] = 1
    t = np.arange(400) / sr
    mouth = np.exp(-t * 500) * (np.sin(2 * np.pi * 700 * t) + 0.5 * np.sin(2 * np.pi * 1800 * t))
    loud = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * np.arange(count) / sr)
    made = np.convolve(pulses, mouth)[:count] * loud
    return np.repeat((0.3 * made)[None], channels, axis=0).astype(np.float32)


def run(stage: Stage, samples: Samples, size: int = 4000, sr: int = SR) -> Samples:
    cut = (Audio(samples[:, at : at + size], sr) for at in range(0, samples.shape[1], size))
    return np.concatenate([one.samples for one in stage(cut)], axis=1)


def pitch_of(samples: Samples) -> float:
    """Hz of the shortest of the strong periods between 60 and 400 Hz."""
    part = samples[0, SR // 2 : SR].astype(np.float64)
    alike = np.correlate(part, part, "full")[len(part) - 1 :]
    low = SR // 400
    seen = alike[low : SR // 60]
    first = int(np.flatnonzero(seen > 0.85 * seen.max())[0])
    return SR / (low + first + int(np.argmax(seen[first : first + 6])))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("count", [1, 100, 5000, 16_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_as_many_samples_come_out_as_go_in(stage: Stage, count: int, channels: int) -> None:
    samples = voiced(1.2, channels=channels)[:, :count]

    made = run(stage, samples, size=999)

    assert made.shape == samples.shape
    assert made.dtype == np.float32


@pytest.mark.parametrize("stage", STAGES)
def test_blocks_of_any_length_give_the_same_samples(stage: Stage) -> None:
    samples = voiced(channels=2)

    assert np.array_equal(run(stage, samples, size=333), run(stage, samples, size=20_000))


@pytest.mark.parametrize("stage", STAGES)
def test_silence_stays_silence_and_no_sound_is_none(stage: Stage) -> None:
    assert not run(stage, np.zeros((1, 9000), np.float32)).any()
    assert list(stage(iter(()))) == []


@pytest.mark.parametrize("stage", STAGES)
def test_blocks_keep_their_times(stage: Stage) -> None:
    samples = voiced()
    start_s = Fraction(1, 3)
    made = list(stage(iter([Audio(samples, SR, start_s)])))

    expected = start_s
    for block in made:
        assert block.start_s == expected
        expected += Fraction(block.samples.shape[1], SR)


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_loud_stays_where_it_was(stage: Stage) -> None:
    samples = np.zeros((1, SR), np.float32)
    samples[:, 6000:9000] = voiced(0.2)[:, :3000]

    made = run(stage, samples)[0]

    before, inside = np.abs(made[:5000]).max(), np.abs(made[6200:8800]).max()
    assert before < 0.02 * inside
    assert np.abs(made[10_500:]).max() < 0.02 * inside


@pytest.mark.parametrize("ratio", [0.75, 1.0, 1.4])
@pytest.mark.parametrize("hz", [95.0, 210.0])
def test_pitch_is_moved_by_the_ratio(ratio: float, hz: float) -> None:
    samples = voiced(hz=hz)

    made = run(lambda blocks: moved_pitch(blocks, lambda second: ratio), samples)

    assert pitch_of(made) == pytest.approx(pitch_of(samples) * ratio, rel=0.03)


def test_a_ratio_of_one_gives_the_sound_back() -> None:
    samples = voiced()

    made = run(lambda blocks: moved_pitch(blocks, lambda second: 1.0), samples)

    assert float(np.abs(made - samples)[:, 500:-500].max()) < 0.02


def test_resonances_move_and_the_pitch_stays() -> None:
    samples = voiced()

    made = run(wider, samples)

    assert pitch_of(made) == pytest.approx(pitch_of(samples), rel=0.02)
    centres = []
    for sound in (samples, made):
        power = np.abs(np.fft.rfft(sound[0])) ** 2
        hz = np.fft.rfftfreq(sound.shape[1], 1 / SR)
        near = (hz > 450) & (hz < 1100)
        centres.append(float((hz[near] * power[near]).sum() / power[near].sum()))
    assert centres[1] > 1.08 * centres[0]
    assert float(np.sqrt((made**2).mean())) == pytest.approx(
        float(np.sqrt((samples**2).mean())), rel=0.15
    )


def test_no_clicks_where_grains_meet() -> None:
    t = np.arange(SR) / SR
    tone = (0.3 * np.sin(2 * np.pi * 200 * t))[None].astype(np.float32)

    made = run(up, tone)[0, 800:-800]

    assert float(np.abs(np.diff(made)).max()) < 1.3 * 0.3 * 2 * np.pi * 260 / SR
