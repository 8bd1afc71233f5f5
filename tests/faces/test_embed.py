"""Identity: the same person is near, another is far."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, chip, distance, embed, embed_chips
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Face

pytestmark = [pytest.mark.weights, pytest.mark.media]


def test_two_photos_of_one_person_are_near_and_another_is_far(
    media_dir: Path, portrait: RGB, face: Face, other_portrait: RGB, reader: FaceReader
) -> None:
    again = read_image(media_dir / "portraits" / "C001101_b.jpg").pixels
    (same,) = find_faces(again, reader, tilts=(0.0,))
    (other,) = find_faces(other_portrait, reader, tilts=(0.0,))
    me = embed(portrait, face, reader)
    assert me.shape == (128,)
    assert distance(me, embed(again, same, reader)) < SAME_PERSON
    assert distance(me, embed(other_portrait, other, reader)) > SAME_PERSON
    assert distance(me, me) == 0


def test_a_turned_picture_shows_the_same_person(
    portrait: RGB, face: Face, reader: FaceReader
) -> None:
    turned = np.ascontiguousarray(np.rot90(portrait))
    (seen,) = find_faces(turned, reader)
    assert distance(embed(portrait, face, reader), embed(turned, seen, reader)) < 0.25


def test_a_chip_holds_the_eyes_where_the_template_has_them(
    portrait: RGB, face: Face, reader: FaceReader
) -> None:
    cut = chip(portrait, face)
    assert cut.shape == (150, 150, 3)
    again = find_faces(cut, reader, tilts=(0.0,))[0].landmarks
    eyes = (again[468] + again[473]) / 2
    assert eyes[0] == pytest.approx(74, abs=4)
    assert abs(again[468][1] - again[473][1]) < 3


def test_no_chips_no_embeddings(reader: FaceReader) -> None:
    assert embed_chips([], reader).shape == (0, 128)
