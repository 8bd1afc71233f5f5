import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.bodies.plate import CameraPath, PackedPlate, Plate, fitted, make_plate

SHAPE_HW = (120, 160)


@pytest.fixture(scope="module")
def wall() -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    coarse = rng.integers(30, 220, (24, 32, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


def filmed(wall: NDArray[np.uint8], *, pan_px: int, moves: bool = True) -> Plate:
    """A person who crosses before a wall, and a camera that may pan."""
    path, pictures = CameraPath(), []
    for pts in range(12):
        x0 = 20 + pan_px * pts
        picture = wall[60:180, x0 : x0 + 160].copy()
        there = np.zeros(SHAPE_HW, np.bool_)
        there[20:110, (left := 10 + (10 * pts if moves else 50)) : left + 25] = True
        picture[there] = (250, 0, 0)
        path.see(pts, picture, there)
        pictures.append((pts, picture, there))
    camera, moved = path.settled(SHAPE_HW)
    return make_plate(pictures, camera, moved, SHAPE_HW)


@pytest.mark.parametrize(("pan_px", "camera", "least_db"), [(0, "still", 45), (5, "moving", 28)])
def test_the_place_behind_is_found(
    wall: NDArray[np.uint8], pan_px: int, camera: str, least_db: float
) -> None:
    plate = filmed(wall, pan_px=pan_px)
    assert plate.camera == camera
    for pts in (2, 9):
        got, seen = plate.at(pts, (15, 25, 140, 105))
        x0 = 20 + pan_px * pts
        truth = wall[85:165, x0 + 15 : x0 + 140]
        assert seen.mean() > 0.97
        error = ((got.astype(float) - truth) ** 2)[seen].mean()
        assert 10 * np.log10(255**2 / max(error, 1e-3)) > least_db


def test_what_is_never_seen_is_painted_in_and_told(wall: NDArray[np.uint8]) -> None:
    plate = filmed(wall, pan_px=0, moves=False)
    got, seen = plate.at(0, (60, 20, 85, 110))
    assert not seen.any()
    assert np.abs(got.astype(int) - (250, 0, 0)).sum(axis=2).min() > 60  # and not with the person


def test_a_darker_moment_is_met() -> None:
    place = np.full((60, 60, 3), 120, np.uint8)
    people = np.zeros((60, 60), np.float32)
    people[20:40, 20:40] = 1
    assert abs(int(fitted(place, place - 10, people).mean()) - 110) <= 1


def test_a_packed_plate_is_the_same_when_it_is_opened() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 255, (24, 32, 3)).astype(np.uint8)
    plate = Plate(pixels, pixels[..., 0] > 90, (-3, 2), "moving", {4: np.eye(3)}, 31.0)
    again = PackedPlate.of(plate).opened()
    np.testing.assert_array_equal(again.pixels, plate.pixels)
    np.testing.assert_array_equal(again.seen, plate.seen)
    assert (again.corner, again.camera, again.noise_db) == ((-3, 2), "moving", 31.0)
    assert 4 in again.first_from_frame
