"""Faces that are in the output and not in the target are found, and no others."""

import cv2
import numpy as np
import pytest
from tests.pipelines.test_own_face import picture_of

from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.added_faces import added_faces
from masquerade.types import RGB, Face

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture(scope="module")
def two(reader: FaceReader) -> RGB:
    """(300, 600, 3) ada and bela beside each other."""
    sides = [cv2.resize(picture_of(name, reader).pixels, (300, 300)) for name in ("ada", "bela")]
    return np.ascontiguousarray(np.hstack(sides), np.uint8)


@pytest.fixture(scope="module")
def faces(two: RGB, reader: FaceReader) -> list[Face]:
    found = sorted(find_faces(two, reader), key=lambda face: face.box[0])
    assert len(found) == 2
    return found


def test_a_face_that_was_not_there_is_found(
    two: RGB, faces: list[Face], reader: FaceReader
) -> None:
    before = two.copy()
    before[:, 300:] = 128
    ((x0, _, x1, _),) = added_faces(before, two, faces[:1], reader)
    assert 300 < (x0 + x1) / 2 < 600


def test_faces_of_the_target_are_not_added_ones(
    two: RGB, faces: list[Face], reader: FaceReader
) -> None:
    brighter = np.minimum(two.astype(np.int16) + 9, 255).astype(np.uint8)
    assert added_faces(two, brighter, faces[:1], reader) == ()
    assert added_faces(two, two, faces, reader) == ()


def test_a_face_beside_what_changed_is_no_matter(
    two: RGB, faces: list[Face], reader: FaceReader
) -> None:
    before = two.copy()
    before[:, :295] = 128
    assert added_faces(before, two, faces[:1], reader) == ()
