import importlib.util
import io
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from masquerade.errors import ProvenanceError, UsageError
from masquerade.provenance.label import spoken
from masquerade.provenance.label import voice as voice_of_label
from masquerade.provenance.label.loudness import loudness_lufs
from masquerade.provenance.label.spoken import LANGUAGES, PAUSE_S, announced, disclaimer
from masquerade.types import Audio

needs_voice = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)


def programme(
    seconds: float = 4.0, level: float = 0.05, sr: int = 16_000, channels: int = 2
) -> Audio:
    rng = np.random.default_rng(4)
    samples = level * rng.standard_normal((channels, round(seconds * sr)))
    return Audio(samples.clip(-1, 1).astype(np.float32), sr, Fraction(7, 3))


@needs_voice
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_spoken(language: str) -> None:
    made = disclaimer(language, "AI GENERATED", 16_000)
    changed = disclaimer(language, "AI MODIFIED", 16_000)

    for said in (made, changed):
        assert said.samples.dtype == np.float32
        assert 2 < said.samples.shape[1] / said.sr < 8
        assert np.abs(said.samples).max() <= 1
    shorter = min(made.samples.shape[1], changed.samples.shape[1])
    assert not np.allclose(made.samples[:, :shorter], changed.samples[:, :shorter], atol=0.01)


@needs_voice
@pytest.mark.parametrize("sr", [8000, 22_050, 44_100, 48_000])
def test_a_sentence_is_as_loud_as_asked(sr: int) -> None:
    said = disclaimer("en", "AI GENERATED", sr, lufs=-26, channels=2)

    assert said.sr == sr
    assert said.samples.shape[0] == 2
    assert loudness_lufs(said) == pytest.approx(-26, abs=0.3)


@needs_voice
def test_a_sentence_is_never_clipped() -> None:
    assert np.abs(disclaimer("en", "AI GENERATED", 16_000, lufs=0).samples).max() <= 1


@needs_voice
@pytest.mark.parametrize(("level", "lufs"), [(0.05, None), (0.003, -30.0), (0.9, -14.0), (0, -23)])
def test_the_sentence_fits_the_sound(level: float, lufs: float | None) -> None:
    sound = programme(level=level)

    said = next(announced([sound], "de", "AI MODIFIED")).samples[:, : -round(PAUSE_S * sound.sr)]

    wanted = loudness_lufs(sound) if lufs is None else lufs
    assert loudness_lufs(Audio(said, sound.sr)) == pytest.approx(wanted, abs=1.5)


@needs_voice
def test_the_sound_follows_untouched_after_a_pause() -> None:
    sound = programme(30.0)
    blocks = [
        Audio(part, sound.sr, sound.start_s + Fraction(n * 16_000, sound.sr))
        for n, part in enumerate(np.array_split(sound.samples, 30, axis=1))
    ]

    first, *rest = announced(iter(blocks), "en", "AI GENERATED", pause_s=0.5)

    assert first.start_s == sound.start_s
    assert not first.samples[:, -round(0.5 * sound.sr) :].any()
    assert first.samples[:, : -round(0.5 * sound.sr)].any()
    assert np.array_equal(np.concatenate([one.samples for one in rest], axis=1), sound.samples)
    assert rest[0].start_s == sound.start_s + Fraction(first.samples.shape[1], sound.sr)
    assert rest[-1].start_s - rest[0].start_s == 29


@needs_voice
def test_a_long_sound_is_not_gathered() -> None:
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield programme(1.0)

    sound = announced(endless(), "fr", "AI GENERATED")
    next(sound)

    assert len(taken) == 20


def test_no_sound_gets_no_sentence() -> None:
    assert list(announced([], "en", "AI GENERATED")) == []


@pytest.mark.parametrize("language", ["", "xx", "EN", "en-us"])
def test_another_language_is_refused_with_those_there_are(language: str) -> None:
    with pytest.raises(UsageError, match=r"cs, da, de, el, en, es, fi, fr, hu, it, nl, pl, pt"):
        disclaimer(language, "AI GENERATED", 16_000)
    with pytest.raises(UsageError, match="no spoken disclaimer"):
        next(announced([programme()], language, "AI GENERATED"))


def test_a_negative_pause_is_refused() -> None:
    with pytest.raises(UsageError, match="pause"):
        next(announced([programme()], "en", "AI GENERATED", pause_s=-1))


def test_without_the_voice_nothing_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "_PACKAGE", "no_such_package")

    with pytest.raises(ProvenanceError, match=r"masquerade\[speech\]"):
        next(announced([programme()], "en", "AI GENERATED"))


@pytest.mark.parametrize(
    ("output", "code"), [(b"", 0), (b"22050\n", 0), (b"noise", 0), (b"22050\n" + bytes(99), 4)]
)
def test_a_voice_that_fails_is_an_error(
    monkeypatch: pytest.MonkeyPatch, output: bytes, code: int
) -> None:
    failed = subprocess.CompletedProcess([], code, output, b"first\nlast words")
    monkeypatch.setattr(spoken, "_PACKAGE", "json")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: failed)

    with pytest.raises(ProvenanceError, match="last words"):
        disclaimer("en", "AI GENERATED", 16_000)


def test_a_voice_that_hangs_or_is_silent_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "_PACKAGE", "json")

    def hang(*args: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("voice", 30)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(ProvenanceError, match="timed out"):
        disclaimer("en", "AI GENERATED", 16_000)

    silent = subprocess.CompletedProcess([], 0, b"22050\n" + bytes(5000), b"")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: silent)
    with pytest.raises(ProvenanceError, match="silence"):
        disclaimer("en", "AI GENERATED", 16_000)


@needs_voice
def test_the_program_says_when_there_is_no_such_voice() -> None:
    command = [sys.executable, "-m", voice_of_label.__name__, "no-such-voice", "125"]

    done = subprocess.run(command, input=b"Hello.", capture_output=True, check=False)

    assert done.returncode == 3
    assert done.stdout == b""


@needs_voice
def test_the_program_gives_rate_and_samples() -> None:
    command = [sys.executable, "-m", voice_of_label.__name__, "en", "125"]

    done = subprocess.run(command, input=b"Hello.", capture_output=True, check=True)

    head = io.BytesIO(done.stdout).readline()
    assert int(head) == 22_050
    assert len(done.stdout) > 20_000
