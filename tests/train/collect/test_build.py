"""Facesets built: strangers and bad files out and told, stopped runs go on, consent holds."""

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from masquerade import personas
from masquerade.errors import ConsentError, FaceError, InputError, OutputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.records import ConsentRecord, load, new_record
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.consent.voice_reader import voice_network
from masquerade.train.collect import build as building
from masquerade.train.collect.build import Built, Request, build
from masquerade.train.collect.consent import admit, drawn, one_record
from masquerade.train.collect.gather import Gatherer
from masquerade.train.collect.limits import Collecting, Limits
from masquerade.train.facesets.faceset import Faceset, FacesetWriter

pytestmark = pytest.mark.weights
SMALL = Collecting(size=64, rate=5.0)

Make = Callable[..., Built]


@pytest.fixture
def make(reader: FaceReader, record: ConsentRecord, tmp_path: Path) -> Make:
    def made(*paths: Path, name: str = "a.faceset", **more: object) -> Built:
        values = {"record": record, "how": SMALL, **more}
        return build(Request(tuple(paths), tmp_path / name, **values), reader=reader)

    return made


def a_record(**changed: object) -> ConsentRecord:
    """A subject's record bound to the face of a persona."""
    ada = open_face(load(personas.load("ada").consent).faces[0], "")
    values = {
        "kind": "subject",
        "subject": "Ada",
        "grantee": "us",
        "purposes": ["research"],
        "embeddings": [ada],
        "valid_until": datetime.now(UTC) + timedelta(days=9),
        "adult_attested": True,
        **changed,
    }
    return new_record(**values)


def test_strangers_torn_files_and_empty_pictures_are_left_out_and_told(
    make: Make, photos: Path
) -> None:
    built = make(photos)

    with Faceset.open(built.path) as faceset:
        assert {one.name for one in faceset.sources} == {"ada0.png", "ada1.png", "ada2.png"}
        assert all(one.quality.distance < 0.5 for one in faceset)
    said = "\n".join(built.lines())
    assert "1 somebody else" in said
    assert re.search(r"note: left out: .*torn\.png", said)
    assert "3 faces: a network learns from 200 on" in said


def test_crops_lead_back_to_the_frame(make: Make, photos: Path) -> None:
    with Faceset.open(make(photos / "ada0.png").path) as faceset:
        (face,) = faceset

    eyes = face.landmarks[[33, 263], :2]
    in_frame = eyes @ face.to_frame[:, :2].T + face.to_frame[:, 2]
    assert face.quality.size_px / 4 < np.linalg.norm(np.diff(in_frame, axis=0)) < 600
    assert abs(np.diff(eyes[:, 1])) < 4  # level
    assert face.mask[32, 32] == 1
    assert face.mask[0].max() == 0


def test_a_stopped_run_goes_on_and_ends_with_the_same_file(
    make: Make,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = make(photos).path
    expected = hashlib.sha256(first.read_bytes()).hexdigest()
    first.unlink()
    gathered: list[str] = []
    gather = Gatherer.gather

    def stops(self: Gatherer, piece: object) -> object:
        gathered.append(piece.key)
        if len(gathered) == 4:
            raise KeyboardInterrupt
        return gather(self, piece)

    monkeypatch.setattr(Gatherer, "gather", stops)
    with pytest.raises(KeyboardInterrupt):
        make(photos)
    assert not first.exists()
    again = make(photos).path

    assert len(gathered) == len(set(gathered)) + 1  # only the one that was stopped is done again
    assert hashlib.sha256(again.read_bytes()).hexdigest() == expected
    assert [one.name for one in tmp_path.iterdir()] == ["a.faceset"]


def test_a_run_stopped_while_the_file_is_written_goes_on(
    make: Make, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building.FacesetWriter, "finish", stops)
        with pytest.raises(KeyboardInterrupt):
            make(photos)
    assert not (tmp_path / "a.faceset").exists()

    monkeypatch.setattr(Gatherer, "gather", stops)  # nothing is read again
    assert make(photos).header.faces == 3


def test_a_full_disk_keeps_what_was_done(
    make: Make, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        with pytest.raises(OutputError, match="no space left"):
            make(photos, how=Collecting(size=256, picture="png"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not (tmp_path / "a.faceset").exists()
    assert make(photos, how=Collecting(size=256, picture="png")).header.faces == 3


def test_a_clip_gives_different_faces_balanced(make: Make, clip: Path) -> None:
    everything = make(clip, limits=Limits(apart=0)).header
    few = make(clip, limits=Limits(apart=0, most=4), name="b.faceset").header

    assert everything.faces == 10  # two seconds at five a second
    assert few.faces == 4
    assert ("more of a kind than wanted", 6) in {(one.reason, one.faces) for one in few.left_out}


def test_what_comes_before_the_mouth_is_no_part_of_the_mask(
    make: Make, clip: Path, tmp_path: Path
) -> None:
    covered = tmp_path / "covered.mp4"
    with av.open(covered, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.width = stream.height = 256
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(read_frames(clip)):
            pixels = frame.pixels.copy()
            if 12 <= number < 15:
                cv2.circle(pixels, (128, 165), 24, (25, 25, 30), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    lax = Limits(apart=0, most_occluded=1)
    built = make(covered, limits=lax, how=Collecting(size=64, rate=10))

    with Faceset.open(built.path) as faceset:
        shown = {round(10 * float(one.time_s)): one.quality.occluded for one in faceset}
    assert min(shown[number] for number in (12, 13, 14)) > 0.1 + max(shown[5], shown[8])


def test_limits_are_held_and_told(make: Make, photos: Path) -> None:
    with pytest.raises(FaceError, match="smaller than 2000 px"):
        make(photos / "ada0.png", limits=Limits(least_px=2000))


def test_other_people_alone_are_refused(make: Make, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match=r"nobody in bela\.png is the person of consent"):
        make(photos / "bela.png")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["nobody.png", "torn.png"])
def test_a_file_of_no_use_is_told(make: Make, photos: Path, name: str) -> None:
    with pytest.raises(InputError, match=name):
        make(photos / name)


def test_an_empty_folder_and_a_missing_file_are_told(make: Make, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="nothing can be read in none"):
        make(tmp_path / "none")
    with pytest.raises(InputError, match="there is no"):
        make(tmp_path / "missing.mp4")


def test_the_same_picture_under_another_name_is_taken_once(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copy(photos / "ada0.png", tmp_path / "copy.png"))

    built = make(photos / "ada0.png", copy)

    assert built.header.faces == 1
    assert "left out: copy.png, which is there under another name" in built.header.notes


def test_a_file_that_exists_is_kept(make: Make, photos: Path) -> None:
    make(photos / "ada0.png")
    with pytest.raises(UsageError, match="exists"):
        make(photos / "ada0.png")


def test_a_revoked_record_is_refused_and_names_the_faceset(make: Make, photos: Path) -> None:
    own = a_record()
    built = make(photos / "ada0.png", record=own)
    said = "\n".join(revoke(own.id).lines())

    assert "facesets collected under it: 1" in said
    assert "a.faceset" in said
    with pytest.raises(ConsentError, match="was revoked"):
        make(photos / "ada0.png", record=own, name="b.faceset")
    with Faceset.open(built.path) as faceset, pytest.raises(ConsentError, match="was revoked"):
        admit(faceset)


@pytest.mark.parametrize(
    ("changed", "more", "words"),
    [
        ({"methods": ["swap_mesh"]}, {}, "does not cover the method swap_neural"),
        ({}, {"purpose": "satire"}, "does not cover the purpose 'satire'"),
        ({"purposes": ["research", "film"]}, {}, "names several purposes"),
        (
            {
                "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
                "valid_until": datetime(2021, 1, 1, tzinfo=UTC),
            },
            {},
            "expired",
        ),
    ],
)
def test_a_record_of_another_scope_is_refused(
    make: Make, photos: Path, changed: dict[str, object], more: dict[str, object], words: str
) -> None:
    with pytest.raises(ConsentError, match=words):
        make(photos / "ada0.png", record=a_record(**changed), **more)


def test_a_record_of_a_voice_alone_is_refused(make: Make, photos: Path) -> None:
    values = np.full(256, 1 / 16, np.float32)
    heard = HeardVoice(values, voice_network(), "e" * 64, 12.0, "mqs-0123456789abcdef", "I, Ada")
    with pytest.raises(ConsentError, match="is bound to no face"):
        make(photos / "ada0.png", record=a_record(embeddings=[], voices=[heard]))


def test_a_record_of_another_installation_is_refused(
    make: Make, photos: Path, tmp_path: Path
) -> None:
    foreign = a_record(home=tmp_path / "elsewhere")

    with pytest.raises(ConsentError):
        make(photos / "ada0.png", record=foreign)


def test_a_performer_is_learnt_as_a_target_only(
    make: Make, photos: Path, reader: FaceReader
) -> None:
    built = make(photos / "ada0.png", record=a_record(kind="performer"))

    with Faceset.open(built.path) as faceset:
        admit(faceset, role="target", reader=reader)
        with pytest.raises(ConsentError, match="for a performer"):
            admit(faceset, role="source", reader=reader)


def test_two_records_are_refused_in_words(tmp_path: Path) -> None:
    paths = [personas.load(name).consent for name in ("ada", "bela")]

    with pytest.raises(UsageError, match="a faceset holds one person"):
        one_record(paths)
    with pytest.raises(UsageError, match="no consent record"):
        one_record([])


def test_a_reference_photo_of_somebody_else_is_refused(make: Make, photos: Path) -> None:
    with pytest.raises(ConsentError, match="is not the one of consent"):
        make(photos / "ada0.png", photos=(photos / "bela.png",))


def test_a_faceset_whose_pictures_were_exchanged_is_not_admitted(
    make: Make, photos: Path, reader: FaceReader, tmp_path: Path
) -> None:
    bela = load(personas.load("bela").consent)
    theirs = make(photos / "bela.png", record=bela)
    ours = make(photos / "ada0.png", name="b.faceset")
    with Faceset.open(theirs.path) as faceset:
        stranger = faceset[0]
    forged = tmp_path / "c.faceset"
    with Faceset.open(ours.path) as faceset, FacesetWriter(forged, ours.header) as writer:
        writer.add(replace(stranger, embedding=faceset[0].embedding))

    with Faceset.open(forged) as faceset, pytest.raises(ConsentError, match="another identity"):
        admit(faceset, reader=reader)


def test_which_faces_are_measured_hangs_on_the_file_and_on_the_installation(
    tmp_path: Path,
) -> None:
    found = drawn(1200, "a" * 64)

    assert [number // 50 for number in found] == list(range(24))
    assert drawn(1200, "a" * 64) == found
    assert drawn(1200, "b" * 64) != found
    assert drawn(1200, "a" * 64, tmp_path) != found
    assert drawn(3, "a" * 64) == [0, 1, 2]
