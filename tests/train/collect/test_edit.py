"""Facesets out of facesets: pictures stay as they are stored, people stay apart."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from masquerade import personas
from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.records import ConsentRecord, load, new_record
from masquerade.provenance.consent.revocation import revoke
from masquerade.train.collect.consent import admit
from masquerade.train.collect.edit import filter_faceset, merge_facesets, opened, split_faceset
from masquerade.train.collect.limits import Limits
from masquerade.train.facesets.faceset import FaceRecord, Faceset

Write = Callable[..., Path]
Maker = Callable[..., FaceRecord]
ALL = Limits(apart=0)


def bound(name: str = "ada") -> np.ndarray:
    return open_face(load(personas.load(name).consent).faces[0], "")


@pytest.fixture
def faces(face_maker: Maker) -> list[FaceRecord]:
    """60 faces that state the identity of a persona."""
    return [replace(face_maker(seed), embedding=bound()) for seed in range(60)]


def test_a_filter_copies_what_is_within_the_limits_byte_for_byte(
    write: Write, faces: list[FaceRecord], tmp_path: Path
) -> None:
    faces[1] = replace(faces[1], quality=replace(faces[1].quality, sharpness=1.0))
    with Faceset.open(write(faces)) as old:
        header = filter_faceset(old, tmp_path / "b.faceset", ALL, without=[5, 6])
        with Faceset.open(tmp_path / "b.faceset") as new:
            assert new.packed(1)[1] == old.packed(2)[1]
            assert new[1].source == old[2].source
            assert len(new) == header.faces == 57

    assert {(one.reason, one.faces) for one in header.left_out} == {
        ("taken out by hand", 2),
        ("blurred (sharpness below 3)", 1),
    }


def test_a_filter_that_leaves_nothing_is_told(
    write: Write, faces: list[FaceRecord], tmp_path: Path
) -> None:
    with Faceset.open(write(faces)) as old:
        with pytest.raises(UsageError, match="within these limits: 60 smaller than 900"):
            filter_faceset(old, tmp_path / "b.faceset", Limits(least_px=900))
        with pytest.raises(UsageError, match="no face 60"):
            filter_faceset(old, tmp_path / "b.faceset", ALL, without=[60])


def test_merging_takes_a_face_that_is_in_both_once(
    write: Write, faces: list[FaceRecord], tmp_path: Path
) -> None:
    paths = [write(faces[:40], "a.faceset"), write(faces[30:], "b.faceset")]
    with ExitStack() as stack:
        header = merge_facesets(opened(paths, stack), tmp_path / "c.faceset")

    assert header.faces == 60
    assert ("in both facesets", 10) in {(one.reason, one.faces) for one in header.left_out}
    with Faceset.open(tmp_path / "c.faceset") as merged:
        assert [one.pts for one in merged] == list(range(60))


def test_the_parts_of_a_split_merge_to_what_was_split(
    write: Write, faces: list[FaceRecord], tmp_path: Path
) -> None:
    with Faceset.open(write(faces)) as old:
        first = filter_faceset(old, tmp_path / "some.faceset", ALL, without=[7])
    parts = tmp_path / "b.faceset", tmp_path / "c.faceset"
    with Faceset.open(tmp_path / "some.faceset") as whole:
        split_faceset(whole, *parts)
    with ExitStack() as stack:
        header = merge_facesets(opened(parts, stack), tmp_path / "d.faceset")

    assert header.faces == first.faces
    assert header.left_out == first.left_out  # told once, and nothing was kept for another part


def test_two_people_are_not_merged(
    write: Write, faces: list[FaceRecord], tmp_path: Path, record: ConsentRecord
) -> None:
    bela = load(personas.load("bela").consent)
    theirs = [replace(one, embedding=bound("bela")) for one in faces]
    other = write(theirs, "b.faceset", person=bela.subject, consent=bela.id, record=bela.text())
    with ExitStack() as stack:
        facesets = opened([write(faces), other], stack)
        with pytest.raises(ConsentError, match="different people or records"):
            merge_facesets(facesets, tmp_path / "c.faceset")
        with pytest.raises(ConsentError, match="is not the one of consent"):
            merge_facesets(facesets, tmp_path / "c.faceset", record=record)

    assert not (tmp_path / "c.faceset").exists()


def test_faces_of_another_size_are_not_merged(
    write: Write, faces: list[FaceRecord], face_maker: Maker, tmp_path: Path
) -> None:
    large = write([face_maker(1, side=128)], "b.faceset", side_px=128)
    with ExitStack() as stack, pytest.raises(UsageError, match="faces of 128 px"):
        merge_facesets(opened([write(faces), large], stack), tmp_path / "c.faceset")


@pytest.mark.parametrize("share", [0.1, 0.34, 0.5])
def test_a_split_holds_whole_stretches_out(
    write: Write, faces: list[FaceRecord], tmp_path: Path, share: float
) -> None:
    with Faceset.open(write(faces)) as old:
        headers = split_faceset(old, tmp_path / "b.faceset", tmp_path / "c.faceset", share=share)

    assert sum(one.faces for one in headers) == 60
    assert abs(headers[1].faces - 60 * share) <= 20
    with Faceset.open(tmp_path / "c.faceset") as apart:
        steps = np.diff([one.pts for one in apart])
    assert (steps == 1).sum() >= len(steps) - 3


def test_one_face_cannot_be_split(write: Write, faces: list[FaceRecord], tmp_path: Path) -> None:
    with Faceset.open(write(faces[:1])) as old, pytest.raises(UsageError, match="cannot be split"):
        split_faceset(old, tmp_path / "b.faceset", tmp_path / "c.faceset")


def test_after_a_revocation_nothing_is_made_of_it(
    write: Write, faces: list[FaceRecord], tmp_path: Path
) -> None:
    own = new_record(
        kind="subject",
        subject="Ada",
        grantee="us",
        purposes=["research"],
        embeddings=[bound()],
        valid_until=datetime.now(UTC) + timedelta(days=9),
        adult_attested=True,
    )
    path = write(faces, consent=own.id, record=own.text())
    revoke(own.id)
    with Faceset.open(path) as old:
        with pytest.raises(ConsentError, match="was revoked"):
            filter_faceset(old, tmp_path / "b.faceset", ALL)
        with pytest.raises(ConsentError, match="was revoked"):
            merge_facesets([old, old], tmp_path / "b.faceset")
        with pytest.raises(ConsentError, match="was revoked"):
            split_faceset(old, tmp_path / "b.faceset", tmp_path / "c.faceset")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"record": ""}, "does not hold the consent record"),
        ({"consent": "mqc-0123456789abcdef"}, "names consent mqc-0123456789abcdef"),
    ],
)
def test_a_faceset_without_its_record_is_refused(
    write: Write,
    faces: list[FaceRecord],
    tmp_path: Path,
    changed: dict[str, str],
    words: str,
) -> None:
    with Faceset.open(write(faces, **changed)) as old:
        with pytest.raises(ConsentError, match=words):
            filter_faceset(old, tmp_path / "b.faceset", ALL)
        with pytest.raises(ConsentError, match=words):
            admit(old)


def test_two_people_mixed_into_one_file_are_refused(write: Write, faces: list[FaceRecord]) -> None:
    mixed = [
        replace(one, embedding=bound("bela")) if number % 3 == 0 else one
        for number, one in enumerate(faces)
    ]
    with Faceset.open(write(mixed)) as old, pytest.raises(ConsentError, match="shows two people"):
        admit(old)


def test_an_empty_faceset_is_not_admitted(write: Write) -> None:
    with Faceset.open(write([])) as old, pytest.raises(UsageError, match="is empty"):
        admit(old)
