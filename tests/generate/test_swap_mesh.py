"""The mesh swap on meshes and pictures made here, and once on real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.compose.blend import ComposeOptions, compose
from masquerade.errors import FaceError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.mesh import INNER_LIPS, LIPS, OVAL, interocular_px, topology
from masquerade.faces.pose import head_pose, rotation
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames, read_image
from masquerade.types import Face, Frame, InputUse, Miss, Patch, Points, SourcePicture, Window

SIZE = 240


def mesh(
    *, eyes_px: float = 60.0, yaw: float = 0.0, at: tuple[float, float] = (120, 110)
) -> Points:
    turned = topology().neutral @ rotation(yaw, 0.0, 0.0).T.astype(np.float32)
    placed = turned * np.float32(eyes_px)
    return (placed + np.array([*at, 0], np.float32)).astype(np.float32)


def face(landmarks: Points, person: str = "0", track_id: int = 3) -> Face:
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, 1.0, landmarks, head_pose(landmarks), track_id, person=person)


def picture(colour: tuple[int, int, int], landmarks: Points) -> np.ndarray:
    """A face of one colour with a dark disc on its right cheek."""
    image = np.full((SIZE, SIZE, 3), 40, np.uint8)
    cv2.fillPoly(image, [landmarks[list(OVAL), :2].astype(np.int32)], colour)
    cheek = landmarks[50, :2]
    cv2.circle(image, (int(cheek[0]), int(cheek[1])), 8, (20, 20, 20), -1)
    return image


def source(colour: tuple[int, int, int], landmarks: Points) -> SourcePicture:
    use = InputUse("source", "photo.png", "0" * 64)
    return SourcePicture(
        picture(colour, landmarks), face(landmarks), np.zeros(128, np.float32), use
    )


def run(
    frames: Sequence[Frame], faces: Sequence[Face], cast: dict[str, tuple[SourcePicture, ...]]
) -> list[list[Patch | Miss]]:
    def windows() -> Iterator[Window]:
        for frame, one in zip(frames, faces, strict=True):
            yield Window((frame,), ((one,),))

    method = swap_mesh.prepare(cast, swap_mesh.Options())
    return list(method(windows()))


def test_patch_shows_the_source_where_the_targets_mesh_is() -> None:
    donor = source((200, 120, 90), mesh(eyes_px=70, at=(115, 120)))
    target = mesh(eyes_px=55, at=(130, 100))
    ((made,),) = run([Frame(picture((90, 90, 200), target))], [face(target)], {"0": (donor,)})
    assert isinstance(made, Patch)
    x0, y0, _, _ = made.box
    nose = (target[4, :2] - (x0, y0)).astype(int)
    cheek = (target[50, :2] - (x0, y0)).astype(int)
    assert np.abs(made.pixels[nose[1], nose[0]].astype(int) - (200, 120, 90)).max() < 12
    assert made.pixels[cheek[1], cheek[0]].max() < 60
    assert made.mask[nose[1], nose[0]] > 0.95
    assert made.track_id == 3


def test_mask_is_empty_outside_the_outline_and_patch_fits_its_box() -> None:
    target = mesh()
    donor = source((200, 120, 90), mesh())
    ((made,),) = run([Frame(picture((90, 90, 200), target))], [face(target)], {"0": (donor,)})
    assert isinstance(made, Patch)
    x0, y0, x1, y1 = made.box
    assert made.pixels.shape == (y1 - y0, x1 - x0, 3)
    assert made.mask.shape == (y1 - y0, x1 - x0)
    rim = (target[list(OVAL), :2] - (x0, y0)).astype(np.int32)
    inside = np.zeros(made.mask.shape, np.uint8)
    cv2.fillPoly(inside, [rim], 1)
    beyond = cv2.dilate(inside, np.ones((9, 9), np.uint8)) == 0
    assert made.mask[beyond].max() == 0
    assert made.mask.min() >= 0
    assert made.mask.max() <= 1


def test_inside_of_an_open_mouth_stays_the_targets() -> None:
    target = mesh()
    lower = list(INNER_LIPS[11:])
    target[lower, 1] += 14
    image = picture((90, 90, 200), target)
    cv2.fillPoly(image, [target[list(INNER_LIPS), :2].astype(np.int32)], (10, 250, 10))
    donor = source((200, 120, 90), mesh())
    ((made,),) = run([Frame(image)], [face(target)], {"0": (donor,)})
    assert isinstance(made, Patch)
    middle = target[list(INNER_LIPS), :2].mean(axis=0)
    x, y = (middle - made.box[:2]).astype(int)
    assert made.pixels[y, x, 1] > 200
    assert made.own is not None
    assert made.own[y, x] > 0.9


@pytest.mark.parametrize(
    ("landmarks", "words"),
    [
        (mesh(yaw=75), "turned too far"),
        (mesh(yaw=-75), "turned too far"),
        (mesh(eyes_px=8), "too small"),
        (mesh(at=(-400, 110)), "outside the picture"),
    ],
)
def test_a_face_that_cannot_be_swapped_is_reported(landmarks: Points, words: str) -> None:
    image = np.full((SIZE, SIZE, 3), 90, np.uint8)
    donor = source((200, 120, 90), mesh())
    ((made,),) = run([Frame(image, pts=7)], [face(landmarks)], {"0": (donor,)})
    assert isinstance(made, Miss)
    assert made.pts == 7
    assert made.track_id == 3
    assert words in made.reason


def test_swap_fades_as_the_head_turns_away() -> None:
    donor = source((200, 120, 90), mesh())
    strongest = []
    for yaw in (40, 58, 60, 62):
        target = mesh(yaw=yaw)
        frame = Frame(picture((90, 90, 200), target))
        ((made,),) = run([frame], [face(target)], {"0": (donor,)})
        assert isinstance(made, Patch)
        strongest.append(float(made.mask.max()))
    assert strongest == sorted(strongest, reverse=True)
    assert strongest[0] > 0.95
    assert strongest[-1] < 0.3


def test_photo_seen_from_the_same_side_is_preferred() -> None:
    cast = {"0": (source((200, 60, 60), mesh(yaw=-35)), source((60, 60, 200), mesh(yaw=35)))}
    for yaw, channel in ((-35, 0), (35, 2)):
        target = mesh(yaw=yaw)
        ((made,),) = run([Frame(picture((90, 90, 90), target))], [face(target)], cast)
        assert isinstance(made, Patch)
        x, y = (target[168, :2] - made.box[:2]).astype(int)
        assert int(made.pixels[y, x].argmax()) == channel


def test_several_faces_each_become_their_own_person() -> None:
    left, right = mesh(eyes_px=30, at=(70, 110)), mesh(eyes_px=30, at=(175, 110))
    cast = {
        "a": (source((220, 60, 60), mesh()),),
        "b": (source((60, 60, 220), mesh()),),
    }
    frame = Frame(np.full((SIZE, SIZE, 3), 90, np.uint8))
    faces = (face(left, "a", 1), face(right, "b", 2))
    method = swap_mesh.prepare(cast, swap_mesh.Options())
    (made,) = list(method(iter([Window((frame,), (faces,))])))
    assert [patch.track_id for patch in made] == [1, 2]
    tones = [
        patch.pixels[made_y, made_x].argmax()
        for patch, mesh_ in zip(made, (left, right), strict=True)
        if isinstance(patch, Patch)
        for made_x, made_y in [(mesh_[4, :2] - patch.box[:2]).astype(int)]
    ]
    assert tones == [0, 2]


def test_same_input_gives_the_same_patches() -> None:
    target = [mesh(at=(120 + k, 110)) for k in range(4)]
    frames = [Frame(picture((90, 90, 200), points), pts=k) for k, points in enumerate(target)]
    faces = [face(points) for points in target]
    donor = {"0": (source((200, 120, 90), mesh()),)}
    first, second = run(frames, faces, donor), run(frames, faces, donor)
    for (one,), (other,) in zip(first, second, strict=True):
        assert isinstance(one, Patch)
        assert isinstance(other, Patch)
        np.testing.assert_array_equal(one.pixels, other.pixels)
        np.testing.assert_array_equal(one.mask, other.mask)


def test_trembling_landmarks_are_steadied_by_their_neighbours() -> None:
    shifts = np.array([0, 2, -2, 2, -2, 2, 0], np.float32)
    targets = [mesh(at=(120 + float(shift), 110)) for shift in shifts]
    image = Frame(picture((90, 90, 200), mesh()))
    frames = [replace(image, pts=k) for k in range(len(targets))]
    faces = [(face(points),) for points in targets]
    method = swap_mesh.prepare({"0": (source((200, 120, 90), mesh()),)}, swap_mesh.Options())
    kept = [
        Window(tuple(frames[k - 1 : k + 2]), tuple(faces[k - 1 : k + 2]), 1) for k in range(1, 6)
    ]
    lefts = [made.box[0] for (made,) in method(iter(kept)) if isinstance(made, Patch)]
    assert len(lefts) == 5
    assert max(lefts[1:4]) - min(lefts[1:4]) <= 1


def test_a_person_without_photos_is_refused() -> None:
    with pytest.raises(FaceError, match="no photo"):
        swap_mesh.prepare({"0": ()}, swap_mesh.Options())


def test_another_device_is_refused_not_replaced() -> None:
    donor = {"0": (source((200, 120, 90), mesh()),)}
    with pytest.raises(UsageError, match="cuda"):
        swap_mesh.prepare(donor, swap_mesh.Options(), device="cuda")


@pytest.mark.media
@pytest.mark.weights
def test_a_persona_in_a_real_clip_is_nearer_to_the_persona_than_to_the_speaker(
    media_dir: Path,
) -> None:
    reader = FaceReader.open()
    photo = read_image(media_dir / "personas" / "persona_b02.jpg").pixels
    (donor,) = find_faces(photo, reader)
    who = embed(photo, donor, reader)
    cast = {"0": (SourcePicture(photo, donor, who, InputUse("source", "b02", "")),)}
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    frames = list(islice(read_frames(clip), 3))
    faces = [replace(find_faces(frame.pixels, reader)[0], person="0") for frame in frames]
    made = run(frames, faces, cast)
    for frame, target, (patch,) in zip(frames, faces, made, strict=True):
        assert isinstance(patch, Patch)
        result = compose(frame, [patch], ComposeOptions())
        shown = embed(result.pixels, target, reader)
        assert distance(shown, who) < 0.6
        assert distance(shown, who) < distance(shown, embed(frame.pixels, target, reader))


@pytest.mark.media
@pytest.mark.weights
def test_lips_are_seen_where_the_targets_are_once_the_result_was_read(media_dir: Path) -> None:
    reader = FaceReader.open()
    photo = read_image(media_dir / "personas" / "persona_a00.jpg").pixels
    (donor,) = find_faces(photo, reader)
    use = InputUse("source", "a00", "")
    cast = {"0": (SourcePicture(photo, donor, embed(photo, donor, reader), use),)}
    (frame,) = islice(read_frames(media_dir / "talking" / "grid_others" / "swiz3n.mpg"), 1)
    target = replace(find_faces(frame.pixels, reader)[0], person="0")

    def off(reads: FaceReader | None) -> float:
        method = swap_mesh.prepare(cast, swap_mesh.Options(expression=1.0), reader=reads)
        ((patch,),) = method(iter([Window((frame,), ((target,),))]))
        assert isinstance(patch, Patch)
        pixels = compose(frame, [patch], ComposeOptions()).pixels
        seen = read_face(pixels, place_of(target.landmarks), reader).landmarks
        apart = seen[list(LIPS), :2] - target.landmarks[list(LIPS), :2]
        return float(np.linalg.norm(apart, axis=1).mean()) / interocular_px(target.landmarks)

    assert off(reader) < 0.8 * off(None)
