"""The face of a drawn figure: when a model of the source's looks draws it, and where."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from masquerade.faces.mesh import topology
from masquerade.pipelines.body.expression import _agree, _laid_onto, face_model
from masquerade.provenance.consent.records import load
from masquerade.types import Face, InputUse, SourcePicture


def face(size: float = 100.0, at: tuple[float, float] = (0, 0), yaw: float = 0.0) -> Face:
    """The neutral face."""
    points = topology().neutral.astype(np.float32).copy()
    points = points - points.min(axis=0)
    points *= np.float32(size / points[:, 1].max())
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[: len(points)] = points
    landmarks[:, :2] += np.array(at, np.float32)
    return Face((*at, at[0] + size, at[1] + size), 1.0, landmarks, (yaw, 0.0, 0.0))


def portraits(count: int, size: float) -> list[SourcePicture]:
    """So many pictures of a face of that size."""
    pixels, who = np.zeros((8, 8, 3), np.uint8), np.zeros(128, np.float32)
    one = SourcePicture(pixels, face(size), who, InputUse("source", "a.mp4", "0" * 64))
    return [one] * count


@pytest.mark.parametrize(
    ("pictures", "methods", "words"),
    [
        ([], ["any"], "no video shows it"),
        (portraits(30, 30), ["any"], "0 pictures"),
        (portraits(12, 90), ["any"], "12 pictures"),
        (portraits(30, 90), ["body"], "not every record covers swap_appearance"),
    ],
)
def test_why_a_face_stays_that_of_the_pictures_is_said(
    pictures: list[SourcePicture],
    methods: list[str],
    words: str,
    make_record: Callable[..., Path],
) -> None:
    found = face_model(pictures, [load(make_record(methods=methods, modality=["face", "body"]))])
    assert found.looks is None
    assert words in found.why


def test_a_face_comes_to_lie_where_the_other_is_with_its_own_expression() -> None:
    small, onto = face(50, (10, 20)), face(100, (200, 40))
    smiling = small.landmarks.copy()
    smiling[61] += np.array([-3, -2, 0], np.float32)  # a corner of the mouth, which moves nothing
    laid = _laid_onto(replace(small, landmarks=smiling), onto, 0.7)
    np.testing.assert_allclose(laid.landmarks[33], onto.landmarks[33], atol=0.5)
    np.testing.assert_allclose(laid.landmarks[61] - onto.landmarks[61], [-6, -4, 0], atol=0.5)
    assert (laid.fade, laid.person, laid.track_id) == (0.7, "0", 0)


def test_heads_that_are_turned_apart_do_not_go_together() -> None:
    shares = [_agree(face(), face(yaw=yaw)) for yaw in (5.0, 24.0, 45.0)]
    assert shares[0] == 1
    assert 0 < shares[1] < 1
    assert shares[2] == 0
