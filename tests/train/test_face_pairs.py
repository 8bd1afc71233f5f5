from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_material import Picture
from train.face_pairs import Known
from train.face_seen import as_before, both_seen, plainly, smaller, touched
from train.face_swapped import Swapped

from masquerade.faces.mesh import topology

SIDE = 200


@pytest.fixture(scope="module")
def picture() -> Picture:
    """A made-up face on a made-up wall."""
    wall = np.random.default_rng(4).uniform(0, 255, (SIDE, SIDE, 3))
    pixels = np.clip(3 * (cv2.GaussianBlur(wall, (0, 0), 2) - 128) + 128, 1, 255).astype(np.uint8)
    points = topology().neutral * np.float32(100 / np.ptp(topology().neutral[:468, 1]))
    points[:, :2] += SIDE / 2 - points[:468, :2].mean(axis=0)
    return Picture("nobody", False, pixels, points.astype(np.float32), 100.0)


@pytest.mark.parametrize("number", range(6))
def test_the_seed_and_the_number_decide_a_pair(number: int, picture: Picture) -> None:
    known = Known.of([picture], [], [])
    pair, again, other = known.pair(3, number), known.pair(3, number), known.pair(4, number)
    assert pair.real.shape == pair.fake.shape == (256, 256, 3)
    assert not np.array_equal(pair.real, pair.fake)
    assert pair.touched.max() > 0
    np.testing.assert_array_equal(pair.real, again.real)
    np.testing.assert_array_equal(pair.fake, again.fake)
    assert not np.array_equal(pair.real, other.real)


def test_swaps_are_a_minority_of_what_is_learnt(picture: Picture) -> None:
    volunteer = replace(picture, person="v", volunteer=True)
    swap = Swapped(replace(volunteer, pixels=np.full_like(picture.pixels, 90)), picture.pixels)
    known = Known.of([picture, volunteer], [], [swap])
    flat = [np.ptp(known.pair(0, number).real[100:150, 100:150]) < 60 for number in range(20)]
    assert 1 <= sum(flat) <= 8


def test_where_portraits_are_not_to_be_changed_nobodies_are(picture: Picture) -> None:
    flat = replace(picture, pixels=np.full_like(picture.pixels, 90))
    nobody = replace(picture, person="persona", exists=False)
    known = Known.of([flat], [nobody], [], unaltered=True)
    for number in range(12):
        pair = known.pair(0, number)
        assert np.ptp(pair.real[100:150, 100:150].astype(int)) > 60
        assert not pair.told


def test_what_was_touched_lies_where_the_pictures_differ(picture: Picture) -> None:
    fake = picture.pixels.copy()
    fake[90:110, 90:110] = 255 - fake[90:110, 90:110]
    marks = touched(picture, fake, 5)
    assert marks.shape == (12, 12)
    assert marks[5:7, 5:7].max() > 200
    assert marks[0].max() == marks[:, -1].max() == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_may_have_been_stored_before(seed: int, picture: Picture) -> None:
    earlier = as_before(picture, np.random.default_rng(seed))
    scale = earlier.pixels.shape[0] / picture.pixels.shape[0]
    assert earlier.pixels.shape[0] == earlier.pixels.shape[1]
    np.testing.assert_allclose(earlier.landmarks, picture.landmarks * scale, rtol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_not_manipulated_stays_the_same_on_its_way(seed: int, picture: Picture) -> None:
    one, other = both_seen(picture, picture.pixels, seed)
    assert np.array_equal(one, other)


def test_a_face_is_cut_out_alike_from_a_smaller_picture(picture: Picture) -> None:
    calm = replace(picture, pixels=np.full_like(picture.pixels, 80))
    calm.pixels[60:140, 60:140] = 200
    whole, half = (plainly(calm, px) for px in (calm.pixels, smaller(calm.pixels, 0.5)))
    assert np.abs(whole.astype(int) - half).mean() < 5
