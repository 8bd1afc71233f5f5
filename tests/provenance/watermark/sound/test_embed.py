import tracemalloc
from fractions import Fraction
from itertools import pairwise, repeat

import numpy as np
import pytest
from sounds import KEY, babble, with_mark

from masquerade.errors import UsageError
from masquerade.provenance.watermark.sound.embed import DEPTH_DB, SoundMarker, marked
from masquerade.types import Audio


@pytest.mark.parametrize("sr", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_length_and_loudness_stay(sr: int, channels: int) -> None:
    sound = babble(3.0, sr, channels)

    made = with_mark(sound, 5)

    assert made.samples.shape == sound.samples.shape
    assert made.samples.dtype == np.float32
    difference = made.samples - sound.samples
    snr_db = 10 * np.log10((sound.samples**2).sum() / (difference**2).sum())
    assert 15 < snr_db < 30
    assert abs(10 * np.log10((made.samples**2).sum() / (sound.samples**2).sum())) < 0.5


def test_every_channel_gets_the_same_mark() -> None:
    sound = babble(4.0, channels=1).samples
    both = Audio(np.concatenate([sound, -0.5 * sound]), 16_000)

    made = with_mark(both, 5).samples

    assert np.allclose(made[1], -0.5 * made[0], atol=1e-6)


@pytest.mark.parametrize("size", [1, 77, 5000, 10**6])
def test_blocks_of_any_size_give_the_same_sound(size: int) -> None:
    sound = babble(5.0 if size > 1 else 0.2)
    marker = SoundMarker(9, KEY, sr=sound.sr, channels=1)

    parts = [
        marker.mark(sound.samples[:, start : start + size])
        for start in range(0, sound.samples.shape[1], size)
    ]
    made = np.concatenate([*parts, marker.flush()], axis=1)

    assert np.array_equal(made, with_mark(sound, 9).samples)


def test_silence_stays_silence() -> None:
    samples = babble(6.0).samples.copy()
    samples[:, 32_000:48_000] = 0

    made = with_mark(Audio(samples, 16_000), 5).samples

    assert not made[:, 32_600:47_400].any()
    assert not with_mark(Audio(np.zeros((2, 50_000), np.float32), 16_000), 5).samples.any()


@pytest.mark.parametrize("peak", [0.5, 1.0])
def test_nothing_is_clipped(peak: float) -> None:
    sound = babble(6.0)
    loud = Audio(sound.samples * np.float32(peak / np.abs(sound.samples).max()), sound.sr)

    made = with_mark(loud, 5).samples

    assert np.abs(made).max() <= 1
    assert (np.abs(made) == 1).sum() <= 3


def test_a_held_tone_gets_no_clicks() -> None:
    time = np.arange(48_000 * 8) / 48_000
    tone = Audio((0.4 * np.sin(2 * np.pi * 440 * time))[None].astype(np.float32), 48_000)

    made = with_mark(tone, 5).samples[0]

    frames = made[: len(made) // 4800 * 4800].reshape(-1, 4800)[1:-1] * np.hanning(4800)
    spectra = np.abs(np.fft.rfft(frames, axis=1))
    assert 20 * np.log10(spectra[:, 300:].max() / spectra.max()) < -70
    depth_db = 20 * np.log10(np.abs(frames).max(axis=1) / 0.4)
    assert np.abs(depth_db).max() < DEPTH_DB[0] + 0.2


def test_memory_does_not_grow() -> None:
    block = babble(1.0)

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in marked(repeat(block, count), 1, KEY):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(90) < 1.1 * peak(20)


def test_times_are_kept() -> None:
    sound = babble(6.0)
    blocks = [
        Audio(part, sound.sr, Fraction(3) + Fraction(16_000 * n, sound.sr))
        for n, part in enumerate(np.array_split(sound.samples, 6, axis=1))
    ]

    made = list(marked(blocks, 1, KEY))

    assert made[0].start_s == 3
    for before, after in pairwise(made):
        assert after.start_s == before.start_s + Fraction(before.samples.shape[1], sound.sr)
    assert sum(one.samples.shape[1] for one in made) == sound.samples.shape[1]
    assert list(marked([], 1, KEY)) == []


@pytest.mark.parametrize(
    ("payload", "sr", "channels"), [(-1, 16_000, 1), (2**64, 16_000, 1), (1, 7999, 1), (1, 8000, 0)]
)
def test_what_cannot_be_marked_is_refused(payload: int, sr: int, channels: int) -> None:
    with pytest.raises(UsageError):
        SoundMarker(payload, KEY, sr=sr, channels=channels)


def test_a_sound_that_changes_is_refused() -> None:
    with pytest.raises(UsageError, match="one rate"):
        list(marked([babble(1.0), babble(1.0, sr=8000)], 1, KEY))
    with pytest.raises(UsageError, match="block of shape"):
        list(marked([babble(1.0), babble(1.0, channels=2)], 1, KEY))
