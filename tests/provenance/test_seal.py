import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

from masquerade import personas
from masquerade.errors import ConsentError, OutputError, PolicyError, ProvenanceError, UsageError
from masquerade.hashing import file_sha256
from masquerade.media.endings import whole_file
from masquerade.media.read import read_frames
from masquerade.provenance import ledger
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.records import ConsentRecord, load, save_record
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.home import home_dir
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.provenance.write_faults import plain_faults
from masquerade.types import Draft, DraftSegment, Frame, IdentityUse, InputUse

Maker = Callable[..., Draft]
Packets = list[tuple[int | None, int | None, bytes]]


def _packets(path: Path, kind: str = "video") -> Packets:
    with av.open(path) as container:
        stream = next(one for one in container.streams if one.type == kind)
        return [(p.pts, p.dts, bytes(p)) for p in container.demux(stream) if p.size]


def _plays(path: Path) -> bool:
    """Whether a picture can be seen; one file of random bytes in 300 opens, as lyrics or sound."""
    try:
        with av.open(path) as container:
            return next(container.decode(video=0), None) is not None
    except (av.FFmpegError, IndexError):
        return False


def _hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_saved_file_is_whole_signed_labelled_and_in_the_ledger(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    report = save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert report.frames == scene.FRAMES
    assert report.tallies == ((0, '{"piece":0}'), (1, '{"piece":1}'), (2, '{"piece":2}'))
    assert report.sha256 == file_sha256(out)
    found = verify(out)
    assert found.exit_code == 0
    assert found.credentials.signer == "ours"
    assert found.ledger_state == "found"
    assert found.ledger_row == report.ledger_id
    assert record.id in found.claims.consents[0]
    assert found.claims.label == "AI MODIFIED (eu)"
    assert [one.part for one in found.credentials.ingredients] == [
        "the file that this one was made from",
        "put into it",
    ]
    assert [one.sha256 for one in revoke(record.id).outputs] == [report.sha256]
    assert not _hidden(tmp_path)


def test_progress_counts_frames_that_come_besides_the_targets(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    draft, told = make_draft(), []
    more = scene.FRAMES // scene.SEGMENTS
    segments = (replace(one, added=more if one.index else 0) for one in draft.segments)

    save(
        seal(replace(draft, segments=segments), consents=[record], purpose="test"),
        tmp_path / "out.mp4",
        encoding=scene.FAST,
        progress=lambda *said: told.append(said),
    )

    assert {total for stage, _, total in told if stage == "frames"} == {scene.FRAMES + 2 * more}


def test_times_and_sound_are_the_inputs(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert [p[2] for p in _packets(out, "audio")] == [p[2] for p in _packets(clip, "audio")]
    times = [frame.time_s for frame in read_frames(out)]
    assert times == [frame.time_s for frame in scene.made_frames(0, scene.FRAMES)]


def test_every_frame_carries_the_label(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    for found, made in zip(read_frames(out), scene.made_frames(0, 12), strict=True):
        corner = np.s_[2:16, 60:108]
        difference = np.abs(found.pixels[corner].astype(int) - made.pixels[corner]).mean()
        assert difference > 40


def test_a_format_that_cannot_hold_a_manifest_gets_it_beside(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    report = save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert report.sidecar == tmp_path / "out.c2pa"
    assert verify(out).credentials.beside
    assert verify(out).exit_code == 0
    out.write_bytes(out.read_bytes() + b"x")
    assert verify(out).exit_code == 5
    report.sidecar.unlink()
    assert verify(out).credentials.state == "none"


def test_a_still_is_sealed(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, photo: Path, tmp_path: Path
) -> None:
    draft = scene.still_of(make_draft())
    out = tmp_path / "out.png"
    report = save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert report.frames == 1
    assert verify(out).exit_code == 0


def test_consent_is_checked_before_anything_is_generated(
    make_draft: Maker, record: ConsentRecord
) -> None:
    def never() -> Iterator[DraftSegment]:
        raise AssertionError("generated without consent")
        yield

    draft = replace(make_draft(seed=2), segments=never())
    with pytest.raises(ConsentError, match="distance"):
        seal(draft, consents=[record], purpose="test")


def test_an_unnamed_or_silent_source_is_refused(make_draft: Maker, record: ConsentRecord) -> None:
    draft = make_draft()
    for uses, error, reason in [
        ((), PolicyError, "no face was measured in the source"),
        ((replace(draft.uses[0], consent=""),), ConsentError, "no consent record"),
        ((replace(draft.uses[0], consent="mqc-x"),), ConsentError, "no consent record mqc-x"),
        (
            (draft.uses[0], replace(draft.uses[0], input_sha256="0" * 64)),
            PolicyError,
            "does not name",
        ),
    ]:
        with pytest.raises(error, match=reason):
            seal(replace(draft, uses=uses), consents=[record], purpose="test")
    target_only = replace(draft.recipe, inputs=draft.recipe.inputs[:1])
    with pytest.raises(ConsentError, match="names no source"):
        seal(replace(draft, recipe=target_only, uses=()), consents=[record], purpose="test")


def test_one_strangers_photo_among_several_is_refused(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType
) -> None:
    draft = make_draft()
    stranger = replace(draft.uses[0], embedding=scene.face(9))
    with pytest.raises(ConsentError, match="not the one"):
        seal(replace(draft, uses=(*draft.uses, stranger)), consents=[record], purpose="test")


def test_an_input_changed_meanwhile_is_refused(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, clip: Path, tmp_path: Path
) -> None:
    draft = make_draft()
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(clip.read_bytes() + b"x")
    target = replace(draft.recipe.inputs[0], path=changed)
    recipe = replace(draft.recipe, inputs=(target, *draft.recipe.inputs[1:]))
    with pytest.raises(PolicyError, match="was changed"):
        seal(replace(draft, recipe=recipe, target=changed), consents=[record], purpose="test")
    with pytest.raises(PolicyError, match="does not name clip"):
        seal(replace(draft, recipe=recipe), consents=[record], purpose="test")


def test_a_performers_record_must_be_of_somebody_in_the_target(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    actor = personas.load("hugo")
    target = InputUse("target", "hugo.jpg", file_sha256(actor.picture), actor.picture)
    draft = scene.still_of(make_draft())
    recipe = replace(draft.recipe, inputs=(target, *draft.recipe.inputs[1:]))
    draft = replace(draft, recipe=recipe, target=actor.picture)
    stated = IdentityUse("target", "face", scene.face(5), target.sha256)
    draft = replace(draft, uses=(*draft.uses, stated))
    stranger = scene.make_record(kind="performer", embeddings=[scene.face(5)])
    with pytest.raises(ConsentError, match="not the one"):
        seal(draft, consents=[record, stranger], purpose="test")
    seen = open_face(load(actor.consent).faces[0], "")
    known = scene.make_record(kind="performer", embeddings=[seen])
    out = tmp_path / "out.jpg"
    save(seal(draft, consents=[record, known], purpose="test"), out, encoding=scene.FAST)


def test_an_existing_output_stays_when_anything_fails(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"precious")

    def failing() -> Iterator[Frame]:
        yield from scene.made_frames(0, 2)
        raise ProvenanceError("made to fail")

    draft = scene.shown(make_draft(), [DraftSegment(0, "k", 0, 1024, failing())])
    with pytest.raises(ProvenanceError, match="made to fail"):
        save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert out.read_bytes() == b"precious"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert verify(out).exit_code == 0


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        ("marked_frames.labelled", "label"),
        ("seal.encode_segment", "encoder"),
        ("seal.join", "container"),
        ("publish.sign", "manifest"),
        ("publish.read_credentials", "reading back"),
        ("publish.file_sha256", "hash"),
        ("publish._sync", "disk"),
    ],
)
def test_a_layer_that_fails_leaves_nothing(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    layer: str,
    what: str,
) -> None:
    def fail(*_args: object, **_words: object) -> None:
        raise ProvenanceError(f"{what} failed")

    sealed = seal(make_draft(), consents=[record], purpose="test")
    monkeypatch.setattr(f"masquerade.provenance.{layer}", fail)
    with pytest.raises(ProvenanceError, match=f"{what} failed"):
        save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert not (tmp_path / "out.mp4").exists()


def test_an_encoder_that_fails_leaves_no_thread_at_work(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(frames: Iterator[Frame], *_args: object) -> bytes:
        next(frames)
        raise OutputError("the encoder failed")

    sealed = seal(make_draft(), consents=[record], purpose="test")
    monkeypatch.setattr("masquerade.provenance.seal.encode_segment", fail)
    before = threading.active_count()
    with pytest.raises(OutputError, match="the encoder failed") as kept:
        save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert kept.value.__traceback__ is not None  # which holds on to everything in it
    assert threading.active_count() == before


def test_a_ledger_that_fails_leaves_nothing(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
) -> None:
    sealed = seal(make_draft(), consents=[record], purpose="test")
    (home_dir() / "ledger.head").write_text("{}")
    with pytest.raises(ProvenanceError, match="ledger is broken"):
        save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "disk of .* is full"),
        (PermissionError(13, "Permission denied"), "no permission"),
    ],
)
def test_a_full_disk_is_said_plainly(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    words: str,
) -> None:
    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr("masquerade.provenance.parts.write_private", fail)
    with pytest.raises(OutputError, match=words):
        save(
            seal(make_draft(), consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )


@pytest.mark.parametrize(
    ("name", "error"), [("out.txt", UsageError), ("out", UsageError), ("out.webm", UsageError)]
)
def test_an_ending_that_cannot_be_sealed_is_refused_at_once(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    name: str,
    error: type[Exception],
) -> None:
    sealed = seal(make_draft(), consents=[record], purpose="test")
    with pytest.raises(error):
        save(sealed, tmp_path / name, encoding=scene.FAST)
    with pytest.raises(UsageError, match="no folder"):
        save(sealed, tmp_path / "none" / "out.mp4", encoding=scene.FAST)


def test_an_input_is_never_overwritten(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, clip: Path, tmp_path: Path
) -> None:
    before = clip.read_bytes()
    link = tmp_path / "link.mp4"
    link.symlink_to(clip)
    for out in (clip, link):
        with pytest.raises(OutputError, match="is an input"):
            save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert clip.read_bytes() == before


def test_a_draft_is_saved_once(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    sealed = seal(make_draft(), consents=[record], purpose="test")
    save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    with pytest.raises(ProvenanceError, match="no frames left"):
        save(sealed, tmp_path / "again.mp4", encoding=scene.FAST)


STAGES = (
    "in second segment",
    "part stored",
    "before join",
    "before signing",
    "signed",
    "before ledger",
    "between row and head",
    "before rename",
)


@dataclass(frozen=True)
class Uninterrupted:
    """A run that nothing stopped: its home, the record, and packets of video and of sound."""

    home: Path
    record: ConsentRecord
    packets: tuple[Packets, Packets]


@pytest.fixture(scope="module")
def uninterrupted(
    scene: ModuleType, clip: Path, photo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Uninterrupted:
    place = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch, scene.judged():
        patch.setenv("MASQUERADE_HOME", str(place / "home"))
        record, out = scene.make_record(), place / "whole.mp4"
        draft = scene.make_draft(clip, photo, record.id)
        save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    return Uninterrupted(place / "home", record, (_packets(out), _packets(out, "audio")))


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_stage_the_same_call_goes_on(
    scene: ModuleType,
    clip: Path,
    photo: Path,
    tmp_path: Path,
    uninterrupted: Uninterrupted,
    stage: str,
) -> None:
    out, consent = tmp_path / "out.mp4", tmp_path / "ann.consent"
    out.write_bytes(b"precious")
    record = uninterrupted.record
    shutil.copytree(uninterrupted.home, home_dir(), dirs_exist_ok=True)  # its keys make the marks
    save_record(record, consent)
    words = [str(path) for path in (clip, photo, consent, out)]
    run = subprocess.run([sys.executable, scene.__file__, *words, stage], check=False)
    assert run.returncode == -signal.SIGKILL
    assert out.read_bytes() == b"precious"
    for left in tmp_path.glob(".out.mp4.parts-*/*"):
        if left.name.startswith("signed"):
            continue  # sealed already
        assert not _plays(left)

    draft = scene.make_draft(clip, photo, record.id)
    kept = {path.name[:6] for path in tmp_path.glob(".out.mp4.parts-*/*.part")}
    guarded = replace(draft, segments=_guarded(draft, kept))
    report = save(seal(guarded, consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert report.resumed == len(kept)
    assert _plays(out)
    assert report.tallies == ((0, '{"piece":0}'), (1, '{"piece":1}'), (2, '{"piece":2}'))
    assert not ledger.verify_ledger().broken
    assert verify(out).exit_code == 0
    assert not _hidden(tmp_path)

    assert (_packets(out), _packets(out, "audio")) == uninterrupted.packets


def _guarded(draft: Draft, kept: set[str]) -> Iterator[DraftSegment]:
    """Segments that must not be generated again fail when they are."""

    def never() -> Iterator[Frame]:
        raise AssertionError("generated again")
        yield

    for segment in draft.segments:
        if f"{segment.index:06d}" in kept:
            yield replace(segment, frames=never(), tally=lambda: "made again")
        else:
            yield segment


@pytest.fixture
def stopped_before_join(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The output of a run that ended when all of its parts were finished, and none was joined."""

    def fail(*_args: object, **_words: object) -> None:
        raise OutputError("the disk is full")

    out = tmp_path / "out.mp4"
    sealed = seal(make_draft(), consents=[record], purpose="test")
    with monkeypatch.context() as patch:
        patch.setattr("masquerade.provenance.seal.join", fail)
        with pytest.raises(OutputError, match="the disk is full"):
            save(sealed, out, encoding=scene.FAST)
    return out


def test_a_part_changed_by_a_byte_is_made_again(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    stopped_before_join: Path,
) -> None:
    out = stopped_before_join
    part = next(tmp_path.glob(".out.mp4.parts-*/000001-*.part"))
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)
    other = next(tmp_path.glob(".out.mp4.parts-*/000002-*.part"))
    first = next(tmp_path.glob(".out.mp4.parts-*/000000-*.part"))
    other.write_bytes(first.read_bytes())
    report = save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert report.resumed == 1
    assert verify(out).exit_code == 0


def test_processes_save_at_once(
    scene: ModuleType, record: ConsentRecord, clip: Path, photo: Path, tmp_path: Path
) -> None:
    consent = tmp_path / "ann.consent"
    save_record(record, consent)
    outs = [tmp_path / f"out{number}.mp4" for number in range(2)]
    runs = [
        subprocess.Popen(
            [sys.executable, scene.__file__, *map(str, (clip, photo, consent, out)), "never"]
        )
        for out in outs
    ]
    assert [run.wait() for run in runs] == [0, 0]
    assert not ledger.verify_ledger().broken
    assert all(verify(out).exit_code == 0 for out in outs)


def test_two_runs_on_one_output_do_not_mix(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    other = seal(make_draft(), consents=[record], purpose="test")

    def frames() -> Iterator[Frame]:
        with pytest.raises(OutputError, match="another run is at work"):
            save(other, out, encoding=scene.FAST)
        yield from scene.made_frames(0, 4)

    draft = scene.shown(make_draft(), [DraftSegment(0, "k", 0, 9, frames())])
    save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)


@pytest.mark.usefixtures("stopped_before_join")
def test_the_parts_folder_is_private(tmp_path: Path) -> None:
    (folder,) = tmp_path.glob(".out.mp4.parts-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    parts = list(folder.glob("*.part"))
    assert len(parts) == 3
    for path in parts:
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"matroska" not in path.read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_the_output_has_ordinary_permissions(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    mask = os.umask(0o022)
    os.umask(mask)
    assert out.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX are bytes")
def test_names_that_are_no_text_are_sealed(
    scene: ModuleType, record: ConsentRecord, clip: Path, photo: Path, tmp_path: Path
) -> None:
    target, out = tmp_path / "caf\udce9.mp4", tmp_path / "\udcff.mp4"
    try:
        target.write_bytes(clip.read_bytes())
    except OSError:
        pytest.skip("this file system keeps text names only")
    draft = scene.make_draft(target, photo, record.id)
    save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    found = verify(out)
    assert found.exit_code == 0
    assert found.credentials.ingredients[0].title == "caf?.mp4"


def test_a_part_that_finds_no_room_is_told_by_the_folder_of_the_output(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    with (
        pytest.raises(OutputError, match=f"the disk of {tmp_path} is full"),
        plain_faults(tmp_path / "out.png"),
        whole_file(parts / "joined"),
    ):
        raise OSError(28, "No space left on device")
