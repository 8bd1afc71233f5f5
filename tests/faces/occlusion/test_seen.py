"""What lies in front of a face is found from how the face looked in the rest of the shot."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import topology
from masquerade.faces.occlusion.agree import agreed, anything
from masquerade.faces.occlusion.bare_model import BareFace, apart, learn, levelled
from masquerade.faces.occlusion.seen import visible
from masquerade.faces.small_map import on_map, regions, tones
from masquerade.faces.staging import patch_box
from masquerade.types import RGB, Face

SIZE = 240
SKIN = np.array([200, 150, 125], np.float32)


def face(shift: float = 0.0) -> Face:
    marks = topology().neutral * 42 + np.array([SIZE / 2 + shift, SIZE / 2 - 20, 0], np.float32)
    return Face((60, 60, 180, 180), 1.0, marks.astype(np.float32), (0.0, 0.0, 0.0))


def frame(rng: np.random.Generator, one: Face, *, light: float = 1.0) -> RGB:
    """A plain face with darker features that speaks: the mouth's brightness changes."""
    picture = np.full((SIZE, SIZE, 3), (60, 90, 140), np.float32)
    marks = one.landmarks[:, :2]
    hull = cv2.convexHull(np.round(marks).astype(np.int32))
    cv2.fillConvexPoly(picture, hull, SKIN.tolist())
    for part, shade in (((33, 263), 0.4), ((13, 14), float(rng.uniform(0.3, 0.9)))):
        for point in part:
            place = tuple(int(v) for v in marks[point])
            cv2.circle(picture, place, 7, (SKIN * shade).tolist(), -1, cv2.LINE_AA)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.5) * light
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def covered(picture: RGB, colour: tuple[int, int, int]) -> tuple[RGB, np.ndarray]:
    out, there = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    for drawn, value in ((out, colour), (there, 1)):
        cv2.circle(drawn, (150, 130), 28, value, -1)  # type: ignore[call-overload]
    return out, there > 0


@pytest.fixture
def bare(rng: np.random.Generator) -> BareFace:
    """Learned while a red thing is in front for a third of the time."""
    maps = []
    for number in range(24):
        one = face(shift=2 * np.sin(number))
        picture = frame(rng, one)
        if 8 <= number < 16:
            picture, _ = covered(picture, (170, 40, 40))
        maps.append(on_map(picture, one.landmarks))
    learned = learn(maps)
    assert learned is not None
    return learned


def found(picture: RGB, one: Face, bare: BareFace) -> np.ndarray | None:
    box = patch_box(one.landmarks, 130.0, (SIZE, SIZE))
    seen = visible(picture, one, bare, box)
    if seen is None:
        return None
    whole = np.ones((SIZE, SIZE), np.float32)
    whole[box[1] : box[3], box[0] : box[2]] = seen
    return whole < 0.5


@pytest.mark.parametrize("colour", [(170, 40, 40), (40, 40, 44), (235, 235, 230), (150, 95, 70)])
def test_things_of_many_colours_are_found_to_the_pixel(bare, rng, colour) -> None:
    one = face()
    picture, there = covered(frame(rng, one), colour)
    held = found(picture, one, bare)
    assert held is not None
    inside = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.round(one.landmarks[:, :2]).astype(int)), 1)
    area = inside > 0
    assert (held & there & area).sum() / ((held | there) & area).sum() > 0.85


@pytest.mark.parametrize("light", [0.75, 1.0, 1.2])
def test_a_bare_face_is_held_back_nowhere_whatever_the_light(bare, rng, light: float) -> None:
    one = face(1.0)
    assert found(frame(rng, one, light=light), one, bare) is None


def test_a_shadow_is_not_in_front(bare, rng) -> None:
    one = face()
    shade = np.ones((SIZE, SIZE, 1), np.float32)
    shade[:, 130:] = 0.78
    soft = cv2.GaussianBlur(shade, (0, 0), 6)[..., None]
    picture = (frame(rng, one) * soft).astype(np.uint8)
    held = found(picture, one, bare)
    assert held is None or held.mean() < 0.005


def test_what_was_in_front_for_a_while_leaves_no_trace(bare, rng) -> None:
    faces = [face(shift=2 * np.sin(number)) for number in range(24)]
    never = learn([on_map(frame(rng, one), one.landmarks) for one in faces])
    assert never is not None
    skin = (regions().skin > 0.9) & (regions().rim < 0.1)
    assert np.percentile(np.abs(bare.usual - never.usual)[skin], 99) < 0.05


def test_too_few_looks_teach_nothing(rng) -> None:
    one = face()
    assert learn([on_map(frame(rng, one), one.landmarks)] * 4) is None


def test_light_is_taken_off_and_a_thing_in_front_has_no_say_in_it(bare, rng) -> None:
    one = face()
    dim = tones(on_map(frame(rng, one, light=0.8), one.landmarks))
    even = levelled(dim, bare.usual)
    skin = regions().skin > 0.9
    assert abs(float(np.median((even - bare.usual)[skin]))) < 0.02
    picture, _ = covered(frame(rng, one), (30, 60, 200))
    away = apart(bare, tones(on_map(picture, one.landmarks)))
    assert np.median(away[skin]) < 0.5
    assert away.max() > 3


def test_a_single_pixel_is_no_thing_and_holes_are_filled() -> None:
    away = np.zeros((64, 64), np.float32)
    away[30, 20] = 9
    assert not anything(away)
    away[20:40, 26:46] = 9
    away[28:31, 33:36] = 0
    assert anything(away)
    assert (agreed(away)[22:38, 28:44] > 0.5).all()


def test_the_map_is_the_same_wherever_and_however_large_the_face_is(rng) -> None:
    one = face()
    picture = frame(rng, one)
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    big = replace(one, landmarks=(one.landmarks + 0.5) * 3 - 0.5)
    apart_by = np.abs(
        on_map(picture, one.landmarks).astype(int) - on_map(large, big.landmarks).astype(int)
    )
    assert np.median(apart_by[regions().face]) <= 3


@pytest.mark.parametrize("corner", [(-500.0, 0.0), (0.0, 900.0), (110.0, 110.0)])
def test_faces_beyond_the_picture_are_no_error(bare, rng, corner: tuple[float, float]) -> None:
    one = face()
    moved = replace(one, landmarks=one.landmarks + np.array([*corner, 0], np.float32))
    assert on_map(frame(rng, one), moved.landmarks).shape == (64, 64, 3)


def half_lit(rng: np.random.Generator, one: Face, bright: float) -> RGB:
    """Its left half under a lamp; of light that is brighter, the camera cuts off red."""
    whole = frame(rng, one).astype(np.float32)
    lamp = np.linspace(1.5, 0.7, SIZE, dtype=np.float32)[None, :, None]
    return np.clip(whole * lamp * bright, 0, 255).astype(np.uint8)


def test_skin_brighter_than_a_camera_can_tell_is_not_in_front(rng) -> None:
    lights = np.linspace(0.75, 1.3, 24)
    frames = [(half_lit(rng, face(np.sin(k)), light), face(np.sin(k))) for k, light in
              enumerate(lights)]  # fmt: skip
    known = learn([on_map(picture, one.landmarks) for picture, one in frames])
    assert known is not None
    held = [found(picture, one, known) for picture, one in frames]
    assert all(one is None for one in held)
    cup, there = covered(frames[3][0], (255, 255, 255))
    held_cup = found(cup, frames[3][1], known)
    assert held_cup is not None
    assert (held_cup & there).sum() > 0.7 * there.sum()
