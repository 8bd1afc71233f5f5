"""Finding faces: none, one, several, small, large, tilted."""

import cv2
import numpy as np
import pytest

from masquerade.faces import mesh
from masquerade.faces.detect import distinct, find_faces, looks
from masquerade.faces.landmarks import face_of, place_of, read_face
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face

pytestmark = pytest.mark.weights


def test_no_face_is_an_empty_answer(reader: FaceReader, rng: np.random.Generator) -> None:
    plain = np.full((120, 160, 3), 128, np.uint8)
    noise = rng.integers(0, 256, (200, 200, 3)).astype(np.uint8)
    assert find_faces(plain, reader) == ()
    assert find_faces(noise, reader) == ()


@pytest.mark.parametrize("shape_hw", [(1, 1), (3, 400), (64, 2)])
def test_tiny_pictures_are_no_trouble(shape_hw: tuple[int, int], reader: FaceReader) -> None:
    assert find_faces(np.zeros((*shape_hw, 3), np.uint8), reader) == ()


@pytest.mark.media
@pytest.mark.parametrize("quarters", [1, -1])
def test_mesh_of_a_turned_picture_is_the_turned_mesh(
    quarters: int, portrait: RGB, face: Face, reader: FaceReader
) -> None:
    turned = np.ascontiguousarray(np.rot90(portrait, quarters))
    (seen,) = find_faces(turned, reader)
    height, width = portrait.shape[:2]
    x, y = face.landmarks[:, 0], face.landmarks[:, 1]
    wanted = [y, width - 1 - x] if quarters == 1 else [height - 1 - y, x]
    apart = np.linalg.norm(seen.landmarks[:, :2] - np.stack(wanted, axis=1), axis=1)
    assert apart.mean() < 0.03 * mesh.interocular_px(face.landmarks)
    assert seen.pose_deg[:2] == pytest.approx(face.pose_deg[:2], abs=2)
    assert seen.pose_deg[2] == pytest.approx(face.pose_deg[2] - 90 * quarters, abs=2)


@pytest.mark.media
@pytest.mark.parametrize("size_px", [24, 40, 90, 400, 700])
def test_faces_of_every_size(size_px: int, portrait: RGB, face: Face, reader: FaceReader) -> None:
    scale = size_px / face.size_px
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=method)
    canvas = np.full((480, 640, 3), 110, np.uint8)
    if size_px < 100:
        height, width = picture.shape[:2]
        canvas[20 : 20 + height, 300 : 300 + width] = picture
        picture = canvas
    found = find_faces(np.asarray(picture, np.uint8), reader, tilts=(0.0,))
    assert len(found) == 1
    assert found[0].size_px == pytest.approx(size_px, rel=0.15)


@pytest.mark.media
def test_two_people_are_two_faces_largest_first(
    portrait: RGB, other_portrait: RGB, reader: FaceReader
) -> None:
    small = cv2.resize(other_portrait, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    both = np.full((410, 600, 3), 90, np.uint8)
    both[:, :335] = portrait
    both[100 : 100 + small.shape[0], 400 : 400 + small.shape[1]] = small
    first, second = find_faces(both, reader, tilts=(0.0,))
    assert first.size_px > second.size_px
    assert first.box[2] < second.box[0]


@pytest.mark.media
def test_mirrored_picture_has_the_mirrored_mesh(
    portrait: RGB, face: Face, reader: FaceReader
) -> None:
    flipped = np.ascontiguousarray(portrait[:, ::-1])
    wanted = mesh.mirrored(face.landmarks, portrait.shape[1])
    seen = read_face(flipped, place_of(wanted), reader, passes=2)
    apart = np.linalg.norm(seen.landmarks[:, :2] - wanted[:, :2], axis=1)
    assert apart.mean() < 0.03 * mesh.interocular_px(wanted)
    assert np.abs((seen.landmarks - wanted)[:, 0].mean()) < 0.01 * mesh.interocular_px(wanted)


def test_an_eye_taken_for_a_face_goes() -> None:
    shape = mesh.topology().neutral
    face = face_of((shape * 100 + [300, 300, 0]).astype(np.float32), 1.0)
    eye = face_of((shape * 20 + [250, 300, 0]).astype(np.float32), 1.0)
    apart = face_of((shape * 20 + [900, 300, 0]).astype(np.float32), 1.0)
    assert distinct([eye, face, apart]) == [face, apart]


@pytest.mark.parametrize("size_wh", [(320, 240), (1280, 720), (720, 1280), (3840, 2160)])
def test_tiles_cover_the_picture(size_wh: tuple[int, int]) -> None:
    smallest = [look for look in looks(size_wh, tilts=(0.0,)) if not look.near]
    size = min(look.size_px for look in smallest)
    covered = np.zeros((size_wh[1], size_wh[0]), bool)
    for look in smallest:
        if look.size_px == size:
            x0, y0 = np.maximum(look.centre - size / 2, 0).astype(int)
            covered[y0 : int(y0 + size) + 1, x0 : int(x0 + size) + 1] = True
    assert covered.all()
