"""Reading one face at a place."""

import numpy as np
import pytest

from masquerade.faces import mesh
from masquerade.faces.landmarks import Place, face_of, place_of, read_face, read_face_well
from masquerade.faces.pose import rotation
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face


@pytest.mark.parametrize("roll", [-90, -30, 0, 45, 170])
def test_place_turns_with_the_face(roll: float) -> None:
    shape = mesh.topology().neutral * 80
    upright = place_of(shape)
    turned = place_of((shape @ rotation(0, 0, roll).T + [300, 200, 0]).astype(np.float32))
    assert np.degrees(turned.angle) == pytest.approx(roll, abs=0.1)
    assert turned.size_px == pytest.approx(upright.size_px, rel=1e-3)
    middle = rotation(0, 0, roll)[:2, :2] @ upright.centre + [300, 200]
    assert turned.centre == pytest.approx(middle, abs=0.01)


def test_box_and_pose_come_from_the_landmarks() -> None:
    face = face_of((mesh.topology().neutral * 50 + [100, 90, 0]).astype(np.float32), 0.8)
    assert face.score == 0.8
    assert face.pose_deg == pytest.approx((0, 0, 0), abs=0.01)
    assert face.box[0] < 100 < face.box[2]


@pytest.mark.weights
@pytest.mark.media
def test_a_place_a_little_off_gives_the_same_face(
    portrait: RGB, face: Face, reader: FaceReader
) -> None:
    right = place_of(face.landmarks)
    off = Place(right.centre + np.float32(0.05 * right.size_px), right.size_px * 1.08, right.angle)
    once = read_face(portrait, off, reader)
    well = read_face_well(portrait, off, reader)
    unit = mesh.interocular_px(face.landmarks)
    errors = [
        np.linalg.norm((one.landmarks - face.landmarks)[:, :2], axis=1).mean() / unit
        for one in (once, well)
    ]
    assert errors[0] < 0.04
    assert errors[1] < 0.01
    assert once.score > 0.9


@pytest.mark.weights
@pytest.mark.media
def test_irises_lie_between_the_lids(face: Face) -> None:
    for iris, eye in ((mesh.RIGHT_IRIS, mesh.RIGHT_EYE), (mesh.LEFT_IRIS, mesh.LEFT_EYE)):
        centre = face.landmarks[iris[0], :2]
        ring = face.landmarks[list(eye), :2]
        assert (ring.min(axis=0) < centre).all()
        assert (centre < ring.max(axis=0)).all()


@pytest.mark.weights
@pytest.mark.media
def test_no_face_has_no_presence(portrait: RGB, reader: FaceReader) -> None:
    corner = Place(np.array([20.0, 20.0], np.float32), 30, 0)
    assert read_face(portrait, corner, reader).score < 0.5
