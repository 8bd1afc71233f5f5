"""A recording disguised from end to end, and what cannot be, refused in words."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from masquerade.cli import main
from masquerade.errors import MediaError, UsageError
from masquerade.generate.voice_disguise import Options
from masquerade.media.audio import read_audio
from masquerade.media.encoding import Encoding
from masquerade.media.sound_encoder import SoundTrack
from masquerade.media.write_sound import write_sound
from masquerade.pipelines.voice.disguise import (
    LEAST,
    METHOD,
    Disguise,
    Ears,
    at_rate,
    disguise_voice,
    planned,
    ways,
)
from masquerade.pipelines.voice.sound_input import find_speech, open_sound
from masquerade.provenance.verify import verify
from masquerade.types import Audio

needs_voice = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)
SR = 16_000


def recording(path: Path, samples: np.ndarray, sr: int = SR) -> Path:
    blocks = iter([Audio(samples.astype(np.float32), sr)])
    write_sound(SoundTrack(blocks, sr, samples.shape[0]), None, path, Encoding())
    return path


def noise(seconds: float, sr: int = SR, level: float = 0.1) -> np.ndarray:
    return np.asarray(level * np.random.default_rng(5).standard_normal((1, int(seconds * sr))))


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody asks how far it is."""


@pytest.fixture
def talk(media_dir: Path, tmp_path: Path) -> Path:
    """Six seconds of a reading."""
    path = sorted((media_dir / "speech" / "libri_27").glob("*.flac"))[0]
    return recording(tmp_path / "talk.wav", read_audio(path, sr=SR).samples[:, : 6 * SR])


# -- what goes in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"no sound at all" * 40, "no known kind"), (None, "there is no file")],
)
def test_what_is_no_sound_is_refused(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=said):
        open_sound(path)


def test_a_picture_and_a_video_without_sound_are_refused(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        out.mux(stream.encode(picture))
        out.mux(stream.encode())
    with pytest.raises(MediaError, match="without sound"):
        open_sound(clip)


@pytest.mark.parametrize(("rate", "worked"), [(6000, 8000), (8000, 8000), (192_000, 48_000)])
def test_rates_that_carry_no_mark_are_changed_and_that_is_said(
    rate: int, worked: int, tmp_path: Path
) -> None:
    sound = open_sound(recording(tmp_path / "in.wav", noise(1, rate), rate))

    assert sound.sr == worked
    assert any("is worked on" in note for note in sound.notes) == (rate != worked)
    made = sum(block.samples.shape[1] for block in sound.blocks())
    assert made == pytest.approx(worked, abs=2)


def test_a_truncated_file_is_read_as_far_as_it_goes_and_that_is_said(tmp_path: Path) -> None:
    path = recording(tmp_path / "in.flac", noise(4))
    path.write_bytes(path.read_bytes()[:60_000])
    sound = open_sound(path)

    assert 0 < sum(block.samples.shape[1] for block in sound.blocks()) < 4 * SR
    assert sound.damages


@pytest.mark.weights
@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros((1, 3 * SR)), "is silent, all 3.0 s"),
        (noise(3), "no speech was found"),
        (0.2 * np.sin(np.arange(3 * SR) / 6)[None], "no speech was found"),
    ],
    ids=["silence", "noise", "a tone"],
)
def test_what_holds_no_speech_is_refused(samples: np.ndarray, said: str, tmp_path: Path) -> None:
    path = recording(tmp_path / "in.wav", samples)
    with pytest.raises(MediaError, match=said):
        planned(path, Options(), silent)


@pytest.mark.media
@pytest.mark.weights
def test_clipped_speech_is_taken_and_that_is_said(talk: Path, tmp_path: Path) -> None:
    loud = (8 * read_audio(talk).samples).clip(-1, 1)
    sound = open_sound(recording(tmp_path / "loud.wav", loud))

    from masquerade.models.voice_activity import VoiceActivity

    speech = find_speech(sound, VoiceActivity.open(), least_s=1, progress=silent)

    assert any("clipped" in note for note in speech.notes)


# -- what becomes of it ------------------------------------------------------------------------


def test_ways_are_the_same_here_and_others_elsewhere(tmp_path: Path) -> None:
    one, same = (list(islice(ways("a" * 64, home=tmp_path / "a"), 3)) for _ in range(2))
    other = list(islice(ways("a" * 64, home=tmp_path / "b"), 3))
    another_file = list(islice(ways("b" * 64, home=tmp_path / "a"), 3))

    assert one == same
    assert one != other
    assert one != another_file


def test_at_rate_keeps_time_and_pitch() -> None:
    t = np.arange(44_100) / 44_100
    made = at_rate(np.sin(2 * np.pi * 440 * t).astype(np.float32), 44_100, SR)

    assert len(made) == SR
    wanted = np.sin(2 * np.pi * 440 * np.arange(SR) / SR)
    assert float(np.abs(made - wanted)[200:-200].max()) < 0.01


@pytest.mark.media
@pytest.mark.weights
@needs_voice
def test_a_recording_is_disguised_sealed_and_told_of(talk: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.flac"

    assert main(["voice", "disguise", str(talk), "-o", str(out), "--json"]) == 0

    made, before = read_audio(out), read_audio(talk)
    whole, length = made.samples.shape[1], before.samples.shape[1]
    assert whole > length  # the sentence
    one, other = (loudness(part) for part in (made.samples[0, -length:], before.samples[0]))
    assert float(np.corrcoef(one, other)[0, 1]) > 0.8  # the words are where they were
    found = verify(out)
    assert found.verdict == "made here, and unchanged since"
    assert found.claims.method == METHOD
    told = json.dumps(found.as_json())
    assert talk.name not in told  # nothing names the recording but its hash
    with pytest.raises(UsageError, match="exists"):
        disguise_voice(talk, out, Options())


def loudness(samples: np.ndarray) -> np.ndarray:
    whole = len(samples) // 800 * 800
    return np.asarray(np.sqrt((samples[:whole].reshape(-1, 800) ** 2).mean(axis=1)))


@pytest.mark.media
@pytest.mark.weights
@needs_voice
def test_a_voice_that_stays_recognisable_is_not_written(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_it_was(self: Disguise) -> Iterator[Audio]:
        for block in self.sound.blocks():
            self._heard.append(block.samples.mean(axis=0))
            yield block

    monkeypatch.setattr(Disguise, "blocks", as_it_was)
    with pytest.raises(MediaError, match=rf"at least {LEAST:.2f}"):
        disguise_voice(talk, tmp_path / "out.wav", Options())
    assert [one.name for one in tmp_path.iterdir()] == ["talk.wav"]


@pytest.mark.media
@pytest.mark.weights
def test_of_the_ways_the_first_that_is_far_enough_is_taken(talk: Path) -> None:
    disguise = planned(talk, Options(), silent)

    drawn = list(ways(disguise.sound.sha256))
    assert disguise.guise in drawn
    assert disguise.trial > 0.2
    assert isinstance(disguise.ears, Ears)
    again = replace(disguise)
    assert again.guise == disguise.guise


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["in.wav", "-o", "out.mp4"], "not the ending of a sound file"),
        (["in.wav", "-o", "in.wav"], "is the target itself"),
        (["in.wav", "-o", "out.wav", "--label-language", "xx"], "invalid choice"),
        (["in.wav", "-o", "out.wav", "--strength", "9"], "strength"),
        (["in.wav", "-o", "nowhere/out.wav"], "no folder"),
    ],
)
def test_requests_that_make_no_sense_are_told_apart(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    recording(tmp_path / "in.wav", noise(1))

    assert main(["voice", "disguise", *words]) == 2
    assert said in capsys.readouterr().err


class _HardToHide:
    """Ears to which a voice moves away by a sixth of the strength, whatever the way to speak."""

    def __init__(self) -> None:
        self.heard = 0.0

    def embedding(self, speech: np.ndarray) -> np.ndarray:
        away = 0.0 if not self.heard else self.heard / 6
        self.heard = 0.0
        return np.array([1 - away, np.sqrt(1 - (1 - away) ** 2)], np.float32)


@pytest.mark.parametrize(("asked", "made", "raised"), [(1.2, 1.6, True), (1.0, 1.0, False)])
def test_a_voice_that_the_usual_strength_leaves_known_is_taken_farther(
    monkeypatch, tmp_path: Path, asked: float, made: float, raised: bool
) -> None:
    from masquerade.pipelines.voice import disguise
    from masquerade.pipelines.voice.sound_input import Speech

    ears = _HardToHide()

    def spoken_as(_guise: object, speech: np.ndarray, options: Options) -> np.ndarray:
        ears.heard = options.strength
        return speech

    monkeypatch.setattr(disguise, "_spoken_as", spoken_as)
    sound = open_sound(recording(tmp_path / "in.wav", noise(2)))
    speech = Speech(noise(2)[0].astype(np.float32), (), 0.0)

    found = Disguise.chosen(sound, speech, Options(strength=asked), ears, silent)

    assert found.options.strength == made
    assert found.raised == raised
    assert any("harder to understand" in note for note in found.notes) == raised
