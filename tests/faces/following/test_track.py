"""Tracks: every face followed, named, bridged; the same in pieces as in one."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.faces import mesh
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames
from masquerade.types import RGB, Face, Frame

pytestmark = [pytest.mark.weights, pytest.mark.media]
GROUND = np.full((240, 360, 3), 100, np.uint8)


def clip_of(pictures: list[RGB]) -> Iterator[Frame]:
    """Frames at 25 a second."""
    for number, pixels in enumerate(pictures):
        yield Frame(pixels, pts=number, time_base=Fraction(1, 25), duration=1)


def on_canvas(pixels: RGB, x: float, y: float, scale: float, canvas: RGB) -> RGB:
    """`pixels` scaled and laid over a canvas with their corner at (x, y)."""
    made = cv2.warpAffine(
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
        np.array([[1.0, 0.0, x], [0.0, 1.0, y]]),
        (canvas.shape[1], canvas.shape[0]),
        dst=canvas.copy(),
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return np.asarray(made, np.uint8)


def _passing(portrait: RGB, frames: int, *, step: float = 3) -> list[RGB]:
    return [on_canvas(portrait, 10 + step * i, 10, 0.5, GROUND) for i in range(frames)]


@pytest.fixture(scope="module")
def talking(media_dir: Path) -> list[Frame]:
    """The first 45 frames of a GRID clip."""
    clip = sorted((media_dir / "talking" / "grid_s1").glob("*.mpg"))[0]
    return [frame for frame, _ in zip(read_frames(clip), range(45), strict=False)]


def test_no_frames_and_no_faces_are_no_tracks(reader: FaceReader) -> None:
    assert track(iter([]), reader) == []
    assert track(clip_of([GROUND] * 4), reader) == []


def test_a_moving_face_is_one_track_with_identity(portrait: RGB, reader: FaceReader) -> None:
    (one,) = track(clip_of(_passing(portrait, 12)), reader, first_id=7)
    assert one.track_id == 7
    assert list(one.faces) == list(range(12))
    assert all(face.track_id == 7 and not face.interpolated for face in one.faces.values())
    assert one.embedding is not None
    across = [face.landmarks[4, 0] for face in one.faces.values()]
    assert np.diff(across) == pytest.approx(np.full(11, 3.0), abs=0.8)


def test_two_people_are_two_tracks(portrait: RGB, other_portrait: RGB, reader: FaceReader) -> None:
    right = [on_canvas(other_portrait, 190, 20, 0.45, p) for p in _passing(portrait, 8, step=1)]
    tracks = track(clip_of(right), reader)
    assert [one.track_id for one in tracks] == [0, 1]
    assert all(len(one.faces) == 8 for one in tracks)
    a, b = (one.embedding for one in tracks)
    assert a is not None
    assert b is not None
    assert distance(a, b) > 0.6


def _cut_out(pixels: RGB, face: Face) -> NDArray[np.float32]:
    """(H, W, 1) an ellipse around the head."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    x, y = (float(v) for v in np.array(face.box).reshape(2, 2).mean(axis=0))
    cv2.ellipse(mask, ((x, y), (face.size_px * 1.15, face.size_px * 1.6), 0), 255, -1)
    return np.asarray(mask[..., None] / 255, np.float32)


def test_people_who_cross_keep_their_names(
    portrait: RGB, other_portrait: RGB, reader: FaceReader
) -> None:
    heads = []
    for pixels in (other_portrait, portrait):
        small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        (face,) = find_faces(np.asarray(small, np.uint8), reader, tilts=(0.0,))
        heads.append((small, _cut_out(np.asarray(small), face), embed(small, face, reader)))
    pictures = []
    for i in range(36):
        picture = np.full((250, 560, 3), 90, np.uint8)
        for (pixels, mask, _), x in zip(heads, (370 - 10 * i, 10 + 10 * i), strict=True):
            height, width = pixels.shape[:2]
            place = picture[30 : 30 + height, x : x + width]
            place[:] = place * (1 - mask) + pixels * mask
        pictures.append(picture)
    left, right = sorted(track(clip_of(pictures), reader), key=lambda one: one.faces[0].box[0])
    for one, who in ((left, heads[1][2]), (right, heads[0][2])):
        assert one.embedding is not None
        assert distance(one.embedding, who) < 0.3
        assert len(one.faces) >= 34
    assert left.faces[33].box[0] > right.faces[33].box[2]


def test_a_short_gap_is_bridged(portrait: RGB, reader: FaceReader) -> None:
    pictures = _passing(portrait, 20, step=2)
    pictures[8:13] = [GROUND] * 5
    (one,) = track(clip_of(pictures), reader)
    assert list(one.faces) == list(range(20))
    assert [pts for pts, face in one.faces.items() if face.interpolated] == [8, 9, 10, 11, 12]
    across = np.array([face.landmarks[4, 0] for face in one.faces.values()])
    assert np.diff(across) == pytest.approx(np.full(19, 2.0), abs=1.0)


def test_after_a_long_gap_the_same_person_goes_on_without_a_bridge(
    portrait: RGB, other_portrait: RGB, reader: FaceReader
) -> None:
    pictures = _passing(portrait, 32, step=1)
    pictures[6:24] = [GROUND] * 18
    (one,) = track(clip_of(pictures), reader)
    assert list(one.faces) == [*range(6), *range(24, 32)]
    assert not any(face.interpolated for face in one.faces.values())
    pictures[24:] = [on_canvas(other_portrait, 20, 10, 0.5, GROUND)] * 8
    first, second = track(clip_of(pictures), reader)
    assert max(first.faces) == 5
    assert min(second.faces) == 24


def test_somebody_else_in_the_same_place_is_another_track(
    portrait: RGB, other_portrait: RGB, reader: FaceReader
) -> None:
    one, other = (on_canvas(p, 20, 10, 0.5, GROUND) for p in (portrait, other_portrait))
    weights = np.clip((np.arange(44) - 14) / 5, 0, 1)[:, None, None, None]
    mixed = np.rint((1 - weights) * one + weights * other).astype(np.uint8)
    first, second = track(clip_of(list(mixed)), reader)
    assert 14 <= max(first.faces) <= 20
    assert max(first.faces) < min(second.faces) <= 20
    assert max(second.faces) == 43
    assert distance(first.embedding, second.embedding) > 0.5


def test_what_hides_a_face_is_told_from_what_blurs_it(portrait: RGB, reader: FaceReader) -> None:
    pictures = _passing(portrait, 24, step=0)
    blurred = np.asarray(cv2.GaussianBlur(pictures[0], (0, 0), 14), np.uint8)
    pictures[10:16] = [blurred] * 6
    (one,) = track(clip_of(pictures), reader)
    assert {face.fade for face in one.faces.values()} == {1.0}
    pictures[10:16] = [GROUND] * 6
    (one,) = track(clip_of(pictures), reader)
    assert [pts for pts, face in one.faces.items() if face.fade == 0] == [10, 11, 12, 13, 14, 15]


def test_a_face_that_comes_in_is_followed_back(portrait: RGB, reader: FaceReader) -> None:
    pictures = _passing(portrait, 15, step=1)
    pictures[:4] = [GROUND] * 4
    (one,) = track(clip_of(pictures), reader)
    assert min(one.faces) == 4


def test_pieces_give_what_the_whole_gives(talking: list[Frame], reader: FaceReader) -> None:
    (whole,) = track(iter(talking), reader)
    (piece,) = track(iter(talking[15:]), reader)
    unit = mesh.interocular_px(whole.faces[talking[0].pts].landmarks)
    inner = [frame.pts for frame in talking[27:]]  # pieces overlap by 12 frames
    apart = [
        np.linalg.norm((whole.faces[p].landmarks - piece.faces[p].landmarks)[:, :2], axis=1).mean()
        for p in inner
    ]
    assert max(apart) < 0.01 * unit


def test_the_same_frames_give_the_same_tracks(portrait: RGB, reader: FaceReader) -> None:
    first, second = (track(clip_of(_passing(portrait, 6)), reader)[0] for _ in range(2))
    assert all(
        np.array_equal(first.faces[p].landmarks, second.faces[p].landmarks) for p in range(6)
    )


def test_a_face_seen_in_too_few_frames_is_marked_as_brief(
    portrait: RGB, reader: FaceReader
) -> None:
    shown = _passing(portrait, 2)
    (one,) = track(clip_of([*shown, *[GROUND] * 6]), reader)
    assert one.brief
    assert list(one.faces) == [0, 1]
    (short,) = track(clip_of(shown), reader)
    assert not short.brief
