from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from train.face_clips import WAYS, Stored, clip
from train.face_degraded import degraded, h264, jpeg, mpeg
from train.face_filmed import filmed
from train.face_forgeries import forged
from train.face_material import Picture, held_out
from train.face_seen import plainly

from masquerade.faces.mesh import topology

SIDE = 240


class Untouchable(Sequence[Picture]):
    """Others' faces, at which nobody may look."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, place):
        raise AssertionError("another's face was used")


@pytest.fixture(scope="module")
def picture() -> Picture:
    """A made-up face on a made-up wall, cut out at the picture's left edge."""
    rng = np.random.default_rng(4)
    wall = cv2.GaussianBlur(rng.uniform(0, 255, (SIDE, SIDE, 3)), (0, 0), 2)
    pixels = np.clip(128 + 3 * (wall - 128), 1, 255).astype(np.uint8)
    pixels[:, :12] = 0
    points = topology().neutral * np.float32(120 / np.ptp(topology().neutral[:468, 1]))
    points[:, :2] += SIDE / 2 - points[:468, :2].mean(axis=0)
    return Picture("nobody", False, pixels, points.astype(np.float32), 120.0)


@pytest.mark.parametrize("seed", range(24))
def test_forgeries_change_the_face_and_not_what_is_beyond_the_picture(
    seed: int, picture: Picture
) -> None:
    made = forged(picture, np.random.default_rng(seed), Untouchable())
    assert made.shape == picture.pixels.shape
    assert made.dtype == np.uint8
    assert (made[:, :12] == 0).all()
    assert np.abs(made.astype(int) - picture.pixels).max() > 3
    assert np.array_equal(made, forged(picture, np.random.default_rng(seed), Untouchable()))


def test_another_face_is_put_in_for_volunteers_only(picture: Picture) -> None:
    volunteer = Picture("v", True, picture.pixels, picture.landmarks, picture.face_px)
    seed = next(one for one in range(40) if np.random.default_rng(one).random() < 0.3)
    with pytest.raises(AssertionError, match="another's face"):
        forged(volunteer, np.random.default_rng(seed), Untouchable())


def test_a_face_of_somebody_else_is_no_twin(picture: Picture) -> None:
    other = Picture("somebody", False, picture.pixels, picture.landmarks, picture.face_px)
    with pytest.raises(ValueError, match="is not nobody"):
        forged(picture, np.random.default_rng(0), twin=other)


def test_a_face_may_come_from_another_photo_of_the_same_person(picture: Picture) -> None:
    twin = Picture("nobody", False, 255 - picture.pixels, picture.landmarks, picture.face_px)
    seed = next(one for one in range(40) if np.random.default_rng(one).random() < 0.3)
    with_twin = forged(picture, np.random.default_rng(seed), twin=twin)
    assert not np.array_equal(with_twin, forged(picture, np.random.default_rng(seed)))


@pytest.mark.parametrize("seed", range(8))
def test_pictures_on_their_way_stay_pictures(seed: int, picture: Picture) -> None:
    found = degraded(picture.pixels, np.random.default_rng(seed))
    assert found.dtype == np.uint8
    assert abs(found.shape[0] - found.shape[1]) == 0
    assert 119 <= found.shape[0] <= SIDE


@pytest.mark.parametrize(
    "way",
    [
        lambda one: jpeg(one, 90),
        lambda one: h264(one, 18),
        lambda one: mpeg(one, "mpeg1video", 3),
        lambda one: mpeg(one, "mpeg4", 3),
    ],
)
def test_codecs_keep_the_picture(way, picture: Picture) -> None:
    found = way(picture.pixels)
    assert found.shape == picture.pixels.shape
    assert np.abs(found.astype(int) - picture.pixels).mean() < 10


def test_about_a_fifth_of_people_are_held_out() -> None:
    share = np.mean([held_out(f"person {number}") for number in range(2000)])
    assert 0.17 < share < 0.23


@pytest.mark.parametrize("seed", range(4))
def test_what_cameras_leave_is_drawn_from_the_seed_and_lies_all_over(
    seed: int, picture: Picture
) -> None:
    made = filmed(picture.pixels, np.random.default_rng(seed))
    assert made.shape == picture.pixels.shape
    assert made.dtype == np.uint8
    assert np.array_equal(made, filmed(picture.pixels, np.random.default_rng(seed)))
    changed = (made != picture.pixels).any(axis=2)
    assert changed[:40, 40:].any()
    assert changed[-40:, 40:].any()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_clip_of_a_portrait_shows_the_face_where_an_examination_would(
    way: Stored, picture: Picture
) -> None:
    cuts = clip(picture, picture.pixels, way, np.random.default_rng(1))
    assert cuts.shape == (3, 256, 256, 3)
    plain = plainly(picture, picture.pixels).astype(float)
    assert all(np.corrcoef(one.ravel(), plain.ravel())[0, 1] > 0.5 for one in cuts)
