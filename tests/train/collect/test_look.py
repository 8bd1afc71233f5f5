"""What a faceset shows, and pictures of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.train.collect.look import contact_sheet, look
from masquerade.train.facesets.faceset import FaceRecord, Faceset

Write = Callable[..., Path]
Maker = Callable[..., FaceRecord]


def test_a_report_says_what_is_there_and_what_lacks(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(seed, yaw=seed) for seed in range(30)])) as faceset:
        report = look(faceset)

    said = "\n".join(report.lines())
    assert "30 faces of" in said
    assert "heads turned from +0 to +29 degrees" in said
    assert "missing: 30 faces: a network learns from 200 on" in said
    assert "towards the left of the picture" in said
    assert "from clip0.mp4: 15" in said
    assert report.picture.shape[1] == 1200


def test_a_record_that_does_not_hold_is_told(write: Write, face_maker: Maker) -> None:
    with Faceset.open(write([face_maker(1)], record="")) as faceset:
        assert "DOES NOT HOLD" in look(faceset).standing


def test_every_face_is_on_the_contact_sheet_until_there_are_too_many(
    write: Write, face_maker: Maker
) -> None:
    with Faceset.open(write([face_maker(seed % 7) for seed in range(20)])) as faceset:
        assert contact_sheet(faceset).shape == (2 * 112, 16 * 112, 3)
    many = write([face_maker(seed % 7) for seed in range(450)], "b.faceset")
    with Faceset.open(many) as faceset:
        assert contact_sheet(faceset).shape == (25 * 112, 16 * 112, 3)


def test_an_empty_faceset_has_nothing_to_show(write: Write) -> None:
    with Faceset.open(write([])) as faceset, pytest.raises(InputError, match="is empty"):
        look(faceset)
