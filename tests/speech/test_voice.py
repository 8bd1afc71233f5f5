"""A voice is built, kept and spoken with; what is odd is refused in words."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import InputError, UsageError
from masquerade.models.tensor_file import read_tensors, write_private_tensors
from masquerade.speech import convert as convert_module
from masquerade.speech import voice_build
from masquerade.speech.convert import Converter, _quick, colour_by, convert
from masquerade.speech.finish import BANDS, Finish, learn_finish
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.voice import Manner, Voice, manner_of, said_by
from masquerade.speech.voice_build import build_voice
from masquerade.speech.voice_file import About, read_voice, write_voice
from masquerade.speech.world import (
    ORDER,
    Frames,
    breath_of,
    cepstra_of,
    colour,
    f0_of,
    put_together,
    with_power_of,
)
from masquerade.types import Audio

pytest.importorskip("pyworld")

ABOUT = About(made_by="tests", consent="mqc-0123456789abcdef", inputs=("a" * 64,))
UNITS = 6000


def _buzz(seconds: float, hz: float = 120.0) -> np.ndarray:
    """A voice-like tone whose colour changes: partials of a pitch, with two resonances."""
    times = np.arange(int(seconds * SR)) / SR
    made = np.zeros(len(times))
    for k in range(1, 40):
        height = np.exp(-(((k * hz - 500 - 200 * np.sin(6 * times)) / 300) ** 2))
        height = height + 0.4 * np.exp(-(((k * hz - 1800) / 500) ** 2)) + 0.01
        made += height * np.sin(2 * np.pi * hz * k * times)
    return (0.06 * made / made.std()).astype(np.float32)


class _Pitch:
    """Hears one pitch everywhere, and silence where there is none."""

    def __call__(self, samples: np.ndarray, **_: float) -> tuple[np.ndarray, np.ndarray]:
        count = len(samples) // 256
        level = np.abs(samples[: count * 256]).reshape(count, 256).max(axis=1, initial=0)
        return np.full(count, 120, np.float32), (level > 1e-3).astype(np.float32)


class _Content:
    """Features that tell the spectrum of each 20 ms."""

    def early(self, samples: np.ndarray) -> np.ndarray:
        count = len(samples) // 320
        rows = np.abs(np.fft.rfft(samples[: count * 320].reshape(count, 320), 766, axis=1))
        return np.log(rows + 1e-3).astype(np.float32)


class _Speaker:
    def __call__(self, windows: np.ndarray) -> np.ndarray:
        return np.eye(256, dtype=np.float32)[np.zeros(len(windows), int)]


def _speaks(samples: np.ndarray) -> np.ndarray:
    count = -(-len(samples) // 512)
    whole = np.pad(samples, (0, count * 512 - len(samples))).reshape(count, 512)
    return (np.abs(whole).max(axis=1) > 1e-3).astype(np.float32)


READER = SpeechReader(_Content(), _Pitch(), _speaks, _Speaker())  # type: ignore[arg-type]


@pytest.fixture
def voice(rng: np.random.Generator) -> Voice:
    """A made-up voice of a minute."""
    units = rng.normal(size=(UNITS, 384))
    return Voice(
        units=(units / np.linalg.norm(units, axis=1, keepdims=True)).astype(np.float16),
        cepstra=rng.normal(0, 0.1, (UNITS, 2, ORDER)).astype(np.float16),
        breath=np.full((UNITS, 2), -10, np.float16),
        f0=np.full((UNITS, 2), 200, np.float16),
        manner=Manner(np.zeros(384, np.float32), np.ones(384, np.float32), (5.3, 0.2)),
        middle=np.zeros(ORDER, np.float32),
        gain=np.ones(ORDER, np.float32),
        finish=Finish(
            np.zeros((BANDS, 2), np.float32),
            np.zeros((BANDS, 2), np.float32),
            np.full(BANDS, 0.01, np.float32),
        ),
        embedding=np.eye(256, dtype=np.float32)[0],
    )


def test_speech_that_is_put_together_again_has_its_colour_pitch_and_length() -> None:
    samples = _buzz(1.0)
    f0 = f0_of(samples, _Pitch())
    frames = Frames(f0, cepstra_of(samples, f0), breath_of(samples, f0))
    made = put_together(frames, len(samples))

    assert len(made) == len(samples)
    assert np.median(f0) == pytest.approx(120, rel=0.02)
    again = cepstra_of(made, f0_of(made, _Pitch()))
    apart = colour(again)[40:160, :200] - colour(frames.cepstra)[40:160, :200]
    assert np.sqrt(np.mean(apart**2)) < 1.0
    assert np.abs(put_together(frames, len(samples) + 500)[-300:]).max() < 0.05


def test_power_is_taken_over_and_nothing_else(rng: np.random.Generator) -> None:
    one, other = (rng.normal(0, 0.3, (7, ORDER)).astype(np.float32) for _ in range(2))
    louder = with_power_of(one, other)
    assert np.array_equal(louder[:, 1:], one[:, 1:])
    powers = [np.exp(colour(some)).mean(axis=1) for some in (louder, other)]
    assert powers[0] == pytest.approx(powers[1], rel=1e-3)


def test_a_sound_is_as_loud_as_in_the_voice_and_loudness_rises_as_in_the_speech() -> None:
    sound = np.zeros(400, np.float32)
    sound[200:208] = 1.0
    rise = np.linspace(-1, 1, 400, dtype=np.float32)
    speaks = np.zeros(len(sound))
    changed = _quick(rise + sound, speaks)
    assert np.abs(changed[50:150]).max() < 1e-4
    assert 0.7 < changed[204] < 1
    assert np.abs(_quick(100 * sound, speaks)).max() <= 3


def test_pauses_stay_as_quiet_as_they_are() -> None:
    power = np.zeros(400)
    power[100:120] = -9  # the silence before a p
    louder = np.where(power < 0, 2.0, 0.0)
    changed = _quick(louder, power)
    assert changed[100:120].max() <= 0
    assert _quick(louder, np.zeros(400))[105:115].min() > 0.5


def test_bands_get_the_strength_of_recordings(rng: np.random.Generator) -> None:
    real = [rng.normal(0, 0.05, 4 * SR).astype(np.float32) for _ in range(2)]
    weak = [0.3 * one for one in real]
    finish = learn_finish(real, weak, [np.ones(800, bool)] * 2)
    done = finish(weak[0])

    def low(samples: np.ndarray, top: int) -> float:
        return float(np.abs(np.fft.rfft(samples)[: top * 4]).mean())

    assert low(done, 500) == pytest.approx(low(real[0], 500), rel=0.15)
    assert np.array_equal(done, finish(weak[0]))
    assert not np.array_equal(done, finish(weak[0], start=SR))


def test_the_units_most_alike_give_the_colour(voice: Voice) -> None:
    bank = voice.units.astype(np.float32)
    cepstra, breath = colour_by(bank[50:52], bank, voice)
    assert cepstra.shape == (4, ORDER)
    assert breath == pytest.approx([-10] * 4, abs=0.01)
    wanted = voice.cepstra[50, 0].astype(np.float32)
    apart = np.abs(cepstra[0] - 0.75 * wanted - 0.25 * voice.cepstra[50, 1])
    assert apart.max() < 0.05
    others, _ = colour_by(bank[50:52], bank, voice, slice(40, 60))
    assert np.abs(others[0] - wanted).max() > 0.05


def test_how_somebody_speaks_without_a_voiced_sound_is_still_said() -> None:
    manner = manner_of(np.ones((5, 384), np.float32), np.zeros(10, np.float32))
    assert np.isfinite(manner.log_f0).all()
    assert (manner.unit_spread > 0).all()


def test_a_conversion_is_as_long_as_the_speech_and_begins_with_it(voice: Voice) -> None:
    sound = Audio(_buzz(2.345)[None], SR, Fraction(3))
    made = convert(sound, voice, READER)
    assert made.samples.shape == sound.samples.shape
    assert (made.sr, made.start_s) == (SR, Fraction(3))
    assert np.isfinite(made.samples).all()
    assert np.abs(made.samples).max() < 1
    loud = np.sqrt(np.mean(made.samples**2)) / np.sqrt(np.mean(sound.samples**2))
    assert 0.95 < loud < 1.05


def test_how_blocks_come_changes_nothing(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert_module, "_PART", 2 * SR)
    monkeypatch.setattr(convert_module, "_SLACK", SR)
    samples = _buzz(5.0)
    samples[int(1.5 * SR) : int(1.7 * SR)] = 0
    whole = convert(Audio(samples[None], SR), voice, READER).samples
    blocks = iter(Audio(part[None], SR) for part in np.array_split(samples, 37))
    parts = list(Converter(voice, READER)(blocks))
    assert len(parts) > 2
    assert np.array_equal(np.concatenate([part.samples for part in parts], axis=1), whole)
    assert parts[1].start_s == Fraction(parts[0].samples.shape[1], SR)
    steps = np.abs(np.diff(whole[0]))
    borders = np.cumsum([part.samples.shape[1] for part in parts[:-1]])
    near = np.concatenate([steps[at - 100 : at + 300] for at in borders])
    assert near.max() <= np.quantile(steps, 0.9999)  # no click where parts meet


def test_silence_is_told_and_no_sound_is_none(voice: Voice) -> None:
    with pytest.raises(InputError, match=r"0\.0 s of speech"):
        convert(Audio(np.zeros((1, 3 * SR), np.float32), SR), voice, READER)
    assert list(Converter(voice, READER)(iter([]))) == []
    with pytest.raises(UsageError, match="16 kHz"):
        convert(Audio(np.zeros((2, SR), np.float32), SR), voice, READER)


def test_a_voice_needs_a_minute_of_speech() -> None:
    with pytest.raises(InputError, match="at least 60 s"):
        build_voice([Audio(_buzz(3.0)[None], SR)], READER)


def test_a_voice_knows_the_speech_it_was_built_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_build, "LEAST_S", 5.0)
    monkeypatch.setattr(voice_build, "MOST_S", 9.0)
    sounds = [Audio(_buzz(6.0, hz)[None], SR, Fraction(2)) for hz in (120.0, 130.0)]
    made = build_voice(sounds, READER)
    assert 8 <= made.speech_s <= 16
    assert np.linalg.norm(made.units.astype(np.float32), axis=1) == pytest.approx(1, abs=0.01)
    assert (made.gain >= 0.8).all()
    assert (made.gain <= 2.2).all()
    assert made.gain[0] == 1
    says = said_by(made).samples
    assert 0.01 < np.sqrt(np.mean(says**2)) < 0.2


def test_a_voice_comes_back_from_its_file(voice: Voice, tmp_path: Path) -> None:
    path = tmp_path / "ada.mvoice"
    write_voice(path, voice, ABOUT)
    found = read_voice(path)
    assert found.about == ABOUT
    assert path.stat().st_mode & 0o077 == 0
    for name in ("units", "cepstra", "breath", "f0", "middle", "gain", "embedding"):
        assert np.array_equal(getattr(found.voice, name), getattr(voice, name)), name
    assert found.voice.manner.log_f0 == pytest.approx(voice.manner.log_f0)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("units", None, "missing"),
        ("more", np.zeros(3, np.float32), "extra"),
        ("units", np.zeros((5900, 10), np.float16), "units"),
        ("units", np.zeros((50, 384), np.float16), "0 s of speech"),
        ("cepstra", np.zeros((UNITS, 2, ORDER), np.float32), "cepstra"),
        ("gain", np.full(ORDER, np.nan, np.float32), "no number"),
        ("middle", np.full(ORDER, 1e9, np.float32), "too large"),
        ("unit_spread", np.full(384, -1, np.float32), "no voice"),
        ("embedding", np.zeros(256, np.float32), "nobody"),
        ("about", np.frombuffer(b"{}", np.uint8), "says of itself"),
        ("about", np.zeros(3, np.float32), "says of itself"),
    ],
)
def test_a_file_that_is_odd_is_refused(
    voice: Voice, tmp_path: Path, name: str, change: np.ndarray | None, words: str
) -> None:
    write_voice(tmp_path / "whole.mvoice", voice, ABOUT)
    tensors = dict(read_tensors(tmp_path / "whole.mvoice")[0])
    if change is None:
        del tensors[name]
    else:
        tensors[name] = change
    path = tmp_path / "odd.mvoice"
    write_private_tensors(path, tensors)
    with pytest.raises(InputError, match=words):
        read_voice(path)


def test_files_that_are_no_voice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.mvoice"
    path.write_bytes(b"hello")
    with pytest.raises(InputError, match="no voice that can be used"):
        read_voice(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_voice(tmp_path / "gone.mvoice")
