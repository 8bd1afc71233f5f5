"""Sound sealed like everything else: spoken label, watermark, manifest, ledger; and ways round."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.errors import (
    ConsentError,
    MediaError,
    OutputError,
    PolicyError,
    ProvenanceError,
    UsageError,
)
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.encoding import Encoding
from masquerade.media.probe import probe
from masquerade.media.sound_encoder import SoundTrack
from masquerade.media.write_sound import write_sound
from masquerade.provenance import draft_sound, ledger, publish
from masquerade.provenance.label import PRESETS
from masquerade.provenance.label import spoken as spoken_module
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.types import (
    Audio,
    Draft,
    DraftSound,
    IdentityUse,
    InputUse,
    Recipe,
    SoundPiece,
)

SR = 16_000
SECONDS = 6
FAST = Encoding(preset="ultrafast", threads=1)

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)


def speech_like(seconds: float = SECONDS, seed: int = 3) -> NDArray[np.float32]:
    """(1, n) noise whose loudness and colour change as those of syllables do."""
    rng = np.random.default_rng(seed)
    count = int(seconds * SR)
    noise = np.convolve(rng.standard_normal(count), np.ones(6) / 6, "same")
    gates = np.repeat(rng.uniform(0.1, 1, count // 1600 + 1), 1600)[:count]
    return np.asarray((0.1 * noise * gates)[None].clip(-1, 1), np.float32)


def blocks(samples: NDArray[np.float32], size: int = 4000) -> Iterator[Audio]:
    for start in range(0, samples.shape[1], size):
        yield Audio(samples[:, start : start + size], SR)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "in.flac"
    samples = speech_like()
    write_sound(SoundTrack(blocks(samples), SR, 1), None, path, FAST)
    return path


def pieces_of(*parts: NDArray[np.float32], keys: bool = False) -> Iterator[SoundPiece]:
    for number, samples in enumerate(parts):
        key = f"piece {number}" if keys else ""
        yield SoundPiece(number, key, blocks(samples), lambda number=number: f'{{"n":{number}}}')


def draft_of(path: Path, sound: DraftSound | None = None, **changes: object) -> Draft:
    """A draft that gives a recording back louder."""
    target = InputUse("target", path.name, file_sha256(path), path)
    made = sound or DraftSound(SR, 1, pieces_of(speech_like()))
    recipe = Recipe("voice_disguise", "0.1.0", "{}", (), (target,))
    return replace(Draft(recipe, (), path, "sound", iter(()), sound=made), **changes)  # type: ignore[arg-type]


def with_sound(draft: Draft, sound: DraftSound) -> Draft:
    """A draft of a video whose sound a method changes."""
    return replace(draft, sound=sound, recipe=replace(draft.recipe, also=("voice_disguise",)))


def saved(draft: Draft, out: Path, preset: str = "eu", **options: object):  # type: ignore[no-untyped-def]
    sealed = seal(draft, consents=(), purpose="test", label_preset=preset)
    return save(sealed, out, encoding=FAST.model_copy(update=options))


def place_of(made: NDArray[np.float32], wanted: NDArray[np.float32]) -> int:
    size = 1 << (len(made) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(made, size) * np.conj(np.fft.rfft(wanted, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(made)]))


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_speaks_and_the_sound_stays_whole(
    preset: str, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.wav"

    report = saved(draft_of(recording), out, preset)

    made, samples = read_audio(out).samples[0], speech_like()[0]
    spoken = len(made) - len(samples)
    assert 2.5 * SR < spoken < 8 * SR
    wanted = 0 if preset == "film" else spoken
    assert place_of(made, samples) == wanted
    ends = made[:SR] if preset != "film" else made[-2 * SR :]
    assert float(np.abs(ends).max()) > 0.01
    assert "artificial intelligence" in report.label.text
    assert report.sound_s == SECONDS
    assert report.watermark.endswith("read back from there")


@pytest.mark.parametrize("ending", [".flac", ".mp3", ".m4a", ".opus"])
def test_verify_knows_a_sealed_sound_and_its_copies(
    ending: str, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"out{ending}"
    report = saved(draft_of(recording), out)

    found = verify(out)

    assert found.verdict == "made here, and unchanged since"
    assert "synthetic" in " ".join(found.credentials.did)  # no network had a part in it
    assert (report.sidecar is not None) == (ending == ".opus")
    assert found.claims.label.startswith("This recording was altered")
    row = ledger.row_by_id(report.ledger_id)
    assert row is not None
    body = json.loads(row.body)
    assert body["kind"] == "sound"
    assert body["watermark"]["scheme"] == "masquerade-sound-1"
    assert body["watermark"]["read_back"] is True
    assert body["label"]["spoken"] == "before"

    copy = tmp_path / "copy.wav"  # through another codec, without manifest and sentence
    whole = read_audio(out, sr=SR).samples[:, -SECONDS * SR :]
    write_sound(SoundTrack(blocks(whole), SR, 1), None, copy, FAST)
    told = verify(copy)
    assert told.credentials.state == "none"
    assert [one.id for one in told.marked] == [report.ledger_id]
    assert told.verdict.startswith("made here: its watermark")


def test_a_sound_shorter_than_its_mark_is_marked_with_its_sentence(
    recording: Path, tmp_path: Path
) -> None:
    short = DraftSound(SR, 1, pieces_of(speech_like(0.5)))

    report = saved(draft_of(recording, short), tmp_path / "out.wav")

    assert report.sound_s == Fraction(1, 2)
    assert report.watermark.endswith("read back from there")


def test_the_same_draft_gives_the_same_sound_however_it_is_cut(
    recording: Path, tmp_path: Path
) -> None:
    samples = speech_like()
    cuts = [pieces_of(samples), pieces_of(samples[:, :30_000], samples[:, 30_000:], keys=True)]
    made = []
    for number, pieces in enumerate(cuts):
        out = tmp_path / str(number) / "out.wav"
        out.parent.mkdir()
        report = saved(draft_of(recording, DraftSound(SR, 1, pieces)), out)
        made.append(read_audio(out).samples)
        assert report.sound_tallies[0] == (0, '{"n":0}')
        assert not [one for one in out.parent.iterdir() if one.name.startswith(".")]
    assert np.array_equal(made[0], made[1])


def test_a_mark_that_does_not_read_back_is_no_file(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        draft_sound, "with_marks", lambda blocks, label, mark: (blocks, Fraction(0))
    )
    monkeypatch.setattr("masquerade.provenance.seal.with_marks", draft_sound.with_marks)
    out = tmp_path / "out.wav"
    with pytest.raises(ProvenanceError, match="did not read back from the sound"):
        saved(draft_of(recording), out)
    assert not list(tmp_path.iterdir())


def test_no_voice_is_no_sound(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken_module, "_PACKAGE", "no_such_package")
    with pytest.raises(ProvenanceError, match="no voice is installed"):
        saved(draft_of(recording), tmp_path / "out.wav")
    assert not list(tmp_path.iterdir())


def test_a_language_that_is_written_but_not_spoken_is_refused_before_the_work(
    recording: Path,
) -> None:
    with pytest.raises(UsageError, match="no spoken disclaimer in 'ja'"):
        seal(draft_of(recording), consents=(), purpose="test", label_language="ja")


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (Audio(np.full((1, 100), np.nan, np.float32), SR), "leaves the range"),
        (Audio(np.full((1, 100), 1.5, np.float32), SR), "leaves the range"),
        (Audio(np.zeros((1, 100)), SR), "leaves the range"),  # type: ignore[arg-type]
        (Audio(np.zeros((2, 100), np.float32), SR), "as the draft says"),
        (Audio(np.zeros((1, 100), np.float32), 8000), "as the draft says"),
    ],
)
def test_what_is_no_sound_is_not_written(
    block: Audio, said: str, recording: Path, tmp_path: Path
) -> None:
    sound = DraftSound(SR, 1, iter([SoundPiece(0, "", iter([block]))]))
    with pytest.raises(ProvenanceError, match=said):
        saved(draft_of(recording, sound), tmp_path / "out.wav")
    assert not list(tmp_path.iterdir())


def test_no_sound_and_pieces_too_long_to_be_kept_are_refused(
    recording: Path, tmp_path: Path
) -> None:
    empty = DraftSound(SR, 1, iter(()))
    with pytest.raises(ProvenanceError, match="no sound left"):
        saved(draft_of(recording, empty), tmp_path / "out.wav")
    block = Audio(np.zeros((1, 60 * SR), np.float32), SR)
    endless = DraftSound(SR, 1, iter([SoundPiece(0, "key", iter([block] * 6))]))
    with pytest.raises(ProvenanceError, match="longer than 300 s"):
        saved(draft_of(recording, endless), tmp_path / "out.wav")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sound": None}, "kind sound with no sound"),
        ({"sound": DraftSound(4000, 1, iter(()))}, "4000 Hz"),
        ({"sound": DraftSound(SR, 1, iter(()), start_s=Fraction(-1))}, "begins at -1"),
        ({"kind": "still"}, "kind still with sound"),
    ],
)
def test_a_draft_that_does_not_fit_its_sound_is_refused(
    changes: dict[str, object], said: str, recording: Path, tmp_path: Path
) -> None:
    draft = replace(draft_of(recording), **changes)  # type: ignore[arg-type]
    out = tmp_path / ("out.png" if draft.kind == "still" else "out.wav")
    with pytest.raises((ProvenanceError, MediaError), match=said):
        saved(draft, out)
    assert not list(tmp_path.iterdir())


def test_a_sound_goes_into_no_video_file_and_never_over_its_input(
    recording: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="not the ending of a sound file"):
        saved(draft_of(recording), tmp_path / "out.mp4")
    with pytest.raises(OutputError, match="an input of this job"):
        saved(draft_of(recording), recording)


def test_a_draft_that_is_not_content_keeps_nothing(recording: Path, tmp_path: Path) -> None:
    def judge(tallies: object) -> None:
        raise MediaError(f"not good enough: {tallies}")

    pieces = pieces_of(speech_like(), keys=True)
    sound = DraftSound(SR, 1, pieces, judge=judge)
    with pytest.raises(MediaError, match="not good enough"):
        saved(draft_of(recording, sound), tmp_path / "out.wav")
    assert not list(tmp_path.iterdir())


def test_a_method_that_takes_a_voice_needs_its_record(recording: Path, tmp_path: Path) -> None:
    draft = draft_of(recording)
    lent = replace(draft, recipe=replace(draft.recipe, method="swap_mesh"))
    with pytest.raises(ConsentError, match="names no source"):
        saved(lent, tmp_path / "out.wav")


@pytest.mark.parametrize("named", [True, False])
def test_a_recording_that_speaks_for_somebody_needs_a_record(
    named: bool, recording: Path, record: object, tmp_path: Path
) -> None:
    """Not even a record of the face will do, and leaving the use out changes nothing."""
    other = tmp_path / "other.flac"
    write_sound(SoundTrack(blocks(speech_like(seed=9)), SR, 1), None, other, FAST)
    item = InputUse("driving", other.name, file_sha256(other), other)
    face = np.zeros(128, np.float32)
    consent = record.id if named else ""  # type: ignore[attr-defined]
    use = IdentityUse("driving", "voice", face, item.sha256, consent)
    draft = draft_of(recording)
    recipe = replace(draft.recipe, inputs=(*draft.recipe.inputs, item))
    with pytest.raises(ConsentError, match=r"consent|voice"):
        seal(
            replace(draft, recipe=recipe, uses=(use,)),
            consents=(record,),  # type: ignore[arg-type]
            purpose="test",
        )


def test_a_recording_too_short_to_measure_is_told_as_such(recording: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.flac"
    write_sound(SoundTrack(blocks(speech_like(1)), SR, 1), None, other, FAST)
    item = InputUse("driving", other.name, file_sha256(other), other)
    draft = draft_of(recording)
    recipe = replace(draft.recipe, inputs=(*draft.recipe.inputs, item))
    with pytest.raises(PolicyError, match=r"no voice was measured in the driving other\.flac"):
        saved(replace(draft, recipe=recipe), tmp_path / "out.wav")


def test_what_lends_cannot_be_passed_off_as_a_target(recording: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.flac"
    write_sound(SoundTrack(blocks(speech_like(seed=9)), SR, 1), None, other, FAST)
    draft = draft_of(recording)
    item = InputUse("target", other.name, file_sha256(other), other)
    recipe = replace(draft.recipe, inputs=(*draft.recipe.inputs, item))
    with pytest.raises(PolicyError, match=r"names other\.flac as a target"):
        saved(replace(draft, recipe=recipe), tmp_path / "out.wav")


# -- in videos ---------------------------------------------------------------------------------


def test_new_sound_of_a_video_is_marked_and_told_of(
    make_draft: Callable[..., Draft], record: object, tmp_path: Path
) -> None:
    samples = speech_like(0.4)
    sound = DraftSound(SR, 1, pieces_of(samples), start_s=Fraction(1, 20))
    sealed = seal(
        with_sound(make_draft(), sound),
        consents=[record],
        purpose="test",  # type: ignore[list-item]
    )
    out = tmp_path / "out.mp4"

    report = save(sealed, out, encoding=FAST)

    made = read_audio(out)
    found_s = float(made.start_s) + place_of(made.samples[0], samples[0]) / SR
    assert found_s == pytest.approx(0.05, abs=1 / SR)  # nothing is said before it
    assert len(probe(out).audio) == 1
    assert "in the sound too, which is too short" in report.watermark
    found = verify(out)
    assert found.verdict == "made here, and unchanged since"
    assert found.sound_mark is not None
    assert "dubbed" in " ".join(found.credentials.did) or "sound" in " ".join(found.credentials.did)


def test_sound_that_nobody_lends_and_no_method_makes_is_refused(
    make_draft: Callable[..., Draft], record: object
) -> None:
    sound = DraftSound(SR, 1, pieces_of(speech_like(0.4)))
    with pytest.raises(ConsentError, match="names nobody whose voice it is"):
        seal(
            replace(make_draft(), sound=sound),
            consents=[record],  # type: ignore[list-item]
            purpose="test",
        )


def test_long_sound_of_a_video_must_give_its_mark_back(
    make_draft: Callable[..., Draft],
    record: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publish, "SURE_S", 1)
    monkeypatch.setattr(
        "masquerade.provenance.seal.with_marks", lambda made, label, mark: (made, Fraction(0))
    )
    sound = DraftSound(SR, 1, pieces_of(speech_like(8)))
    sealed = seal(
        with_sound(make_draft(), sound),
        consents=[record],
        purpose="test",  # type: ignore[list-item]
    )
    with pytest.raises(ProvenanceError, match="did not read back from the sound"):
        save(sealed, tmp_path / "out.mp4", encoding=FAST)
    assert not (tmp_path / "out.mp4").exists()


# -- killed ------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
import importlib.util
from pathlib import Path
spec = importlib.util.spec_from_file_location("sounds", sys.argv[4])
sounds = importlib.util.module_from_spec(spec)
sys.modules["sounds"] = sounds
spec.loader.exec_module(sounds)
from masquerade.types import Audio, DraftSound, SoundPiece

def dying(samples):
    yield from sounds.blocks(samples[:, :20000])
    os.kill(os.getpid(), signal.SIGKILL)

samples = sounds.speech_like()
pieces = iter([
    SoundPiece(0, "piece 0", sounds.blocks(samples[:, :30000]), lambda: '{"n":0}'),
    SoundPiece(1, "piece 1", dying(samples[:, 30000:]), lambda: '{"n":1}'),
])
sounds.saved(
    sounds.draft_of(Path(sys.argv[1]), DraftSound(sounds.SR, 1, pieces)), Path(sys.argv[2])
)
"""


def test_a_kill_leaves_no_sound_and_the_next_run_goes_on(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(recording), str(out), str(root), __file__],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert [one.name.startswith(".out.wav.parts-") for one in tmp_path.iterdir()] == [True]
    sounding = speech_like()[:, :4000].tobytes()
    for path in next(tmp_path.iterdir()).iterdir():
        assert sounding[:4096] not in path.read_bytes()  # encrypted, or not there

    samples = speech_like()
    pieces = pieces_of(samples[:, :30_000], samples[:, 30_000:], keys=True)
    report = saved(draft_of(recording, DraftSound(SR, 1, pieces)), out)

    assert report.resumed == 1
    assert [one.name for one in tmp_path.iterdir()] == ["out.wav"]
    assert verify(out).verdict == "made here, and unchanged since"
