from collections.abc import Callable

import numpy as np
import pytest
from sounds import KEY, babble, with_mark

from masquerade.errors import UsageError
from masquerade.media.audio import read_audio
from masquerade.provenance.watermark.chance import FALSE_ALARM
from masquerade.provenance.watermark.sound.decode import read_sound
from masquerade.types import Audio

OTHER = bytes(32)


def changed(samples: np.ndarray, speed: float) -> np.ndarray:
    """Played faster, by linear interpolation."""
    places = np.arange(0, samples.shape[1] - 1, speed)
    return np.stack([np.interp(places, np.arange(len(row)), row) for row in samples]).astype("f4")


@pytest.mark.parametrize("payload", [0, 1, 2**64 - 1, 0xC0FFEE_123456])
def test_an_id_comes_back(payload: int) -> None:
    found = read_sound(with_mark(babble(10.0), payload), KEY)

    assert found.outcome == "found"
    assert found.payload == payload
    assert found.p_value <= FALSE_ALARM
    assert found.strength_db > 0.2
    assert found.speed == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("sr", [8000, 11_025, 22_050, 44_100, 48_000])
def test_every_rate_and_two_channels(sr: int) -> None:
    assert read_sound(with_mark(babble(12.0, sr, 2), 77), KEY).payload == 77


ATTACKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cut": lambda s: s[:, 51_234:],
    "quiet": lambda s: s * np.float32(0.05),
    "turned over": lambda s: -s,
    "eight bits": lambda s: np.round(s * 127).astype(np.float32) / 127,
    "every second sample": lambda s: (s[:, :-1:2] + s[:, 1::2]) / 2,
    "faster": lambda s: changed(s, 1.01),
    "slower": lambda s: changed(s, 1 / 1.03),
    "hiss": lambda s: s + np.random.default_rng(1).normal(0, 0.002, s.shape).astype(np.float32),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_survives(name: str) -> None:
    made = ATTACKS[name](with_mark(babble(14.0), 4321).samples)
    sr = 8000 if name == "every second sample" else 16_000

    assert read_sound(Audio(made, sr), KEY).payload == 4321


def test_blocks_read_as_the_whole() -> None:
    made = with_mark(babble(9.0), 5)
    blocks = [Audio(part, made.sr) for part in np.array_split(made.samples, 70, axis=1)]

    assert read_sound(iter(blocks), KEY) == read_sound(made, KEY)


def test_a_faint_mark_is_pooled_over_a_long_sound() -> None:
    made = with_mark(babble(45.0), 99).samples
    hiss = np.random.default_rng(5).normal(0, 0.12, made.shape)
    noisy = Audio((made + hiss).astype(np.float32), 16_000)

    short = read_sound(Audio(noisy.samples[:, : 16_000 * 20], 16_000), KEY)
    whole = read_sound(noisy, KEY)

    assert not short.is_found
    assert whole.payload == 99
    assert whole.heard_s > 30


def test_a_faint_mark_that_starts_late_is_found() -> None:
    made = with_mark(babble(40.0), 98).samples
    before = babble(25.0, seed=8).samples  # longer than a stretch
    whole = np.concatenate([before, made], axis=1)
    hiss = np.random.default_rng(5).normal(0, 0.09, whole.shape)

    assert read_sound(Audio((whole + hiss).astype(np.float32), 16_000), KEY).payload == 98


def test_a_mark_that_starts_late_is_found() -> None:
    late = np.concatenate([babble(25.0, seed=8).samples, with_mark(babble(15.0), 6).samples], 1)

    assert read_sound(Audio(late, 16_000), KEY).payload == 6


def test_no_mark_and_another_key_are_none() -> None:
    for sound in (babble(12.0), with_mark(babble(12.0), 3, OTHER)):
        found = read_sound(sound, KEY)
        assert found.outcome == "none"
        assert found.payload is None
        assert found.p_value == 1


def test_several_keys_are_tried() -> None:
    found = read_sound(with_mark(babble(10.0), 3, OTHER), [KEY, OTHER])

    assert found.payload == 3
    assert found.key == 1


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.05, 1.0, 3.5])
def test_short_sounds_are_called_short(seconds: float) -> None:
    sound = Audio(np.zeros((1, 0), "f4"), 16_000) if not seconds else babble(10.0)
    part = Audio(sound.samples[:, : round(seconds * 16_000)], 16_000)

    assert read_sound(part, KEY).outcome == "too short"
    assert read_sound([], KEY).outcome == "too short"


def test_silence_is_too_short_to_say() -> None:
    assert read_sound(Audio(np.zeros((2, 16_000 * 30), "f4"), 16_000), KEY).outcome == "too short"


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(UsageError, match="8000"):
        read_sound(Audio(babble(5.0).samples, 6000), KEY)
    with pytest.raises(UsageError, match="change"):
        read_sound([babble(1.0), babble(1.0, 8000)], KEY)
    with pytest.raises(UsageError, match="32 bytes"):
        read_sound(babble(5.0), b"short")
    with pytest.raises(UsageError, match="no watermark key"):
        read_sound(babble(5.0), [])


@pytest.mark.media
def test_real_speech_keeps_its_id(media_dir) -> None:
    sound = read_audio(media_dir / "speech" / "libri_19" / "19-198-0001.flac")

    assert read_sound(with_mark(sound, 2026), KEY).payload == 2026
    assert not read_sound(sound, KEY).is_found
