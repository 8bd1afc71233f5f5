from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.effects.test_effects import portrait

from masquerade import registry
from masquerade.bodies.backdrop import Backdrop, by_colour
from masquerade.effects.portrait import Portrait
from masquerade.effects.words import effect_names
from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.generate import edit
from masquerade.media.read import read_frames
from masquerade.types import RGB, Face, Frame, Miss, Patch, Window


def test_an_effect_must_be_named() -> None:
    with pytest.raises(UsageError, match="no effect is named"):
        edit.prepare({}, edit.Options())


def test_another_device_is_refused() -> None:
    with pytest.raises(UsageError, match="cuda"):
        edit.prepare({}, edit.Options(effect=("smile=1",)), device="cuda")


def window(face: Face, pixels: RGB) -> Window:
    return Window((Frame(pixels),), ((face,),))


def face_in(made: Portrait) -> Face:
    marks = np.pad(made.points, ((0, 0), (0, 1)))
    low, high = made.points[:468].min(axis=0), made.points[:468].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, 0.99, marks.astype(np.float32), (0.0, 0.0, 0.0))


def test_colours_go_on_to_the_frames_own_edge() -> None:
    whole = portrait()
    cut = np.ascontiguousarray(whole.pixels[:, : round(float(whole.points[1, 0]))])
    options = edit.Options(effect=("jaundice=1",))

    ((patch,),) = edit.prepare({}, options)(iter([window(face_in(whole), cut)]))

    assert isinstance(patch, Patch)
    cheek = round(float(whole.points[2, 1]))
    assert patch.box[2] == cut.shape[1]
    assert patch.mask[cheek - patch.box[1], -1] > 0.9


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_slivers_of_faces_are_patches_or_misses(side: str) -> None:
    whole = portrait()
    middle = round(float(whole.points[1, 0]))
    part = {
        "left": whole.pixels[:, :1],
        "right": whole.pixels[:, middle:],
        "top": whole.pixels[:2],
        "bottom": whole.pixels[middle : middle + 3],
    }[side]
    options = edit.Options(effect=tuple(effect_names()))

    ((made,),) = edit.prepare({}, options)(
        iter([window(face_in(whole), np.ascontiguousarray(part))])
    )

    assert isinstance(made, Patch | Miss)


def test_a_face_that_no_effect_changes_is_told() -> None:
    whole = portrait()

    ((made,),) = edit.prepare({}, edit.Options(effect=("smile=0",)))(
        iter([window(face_in(whole), whole.pixels)])
    )

    assert isinstance(made, Miss)
    assert "none of the effects" in made.reason


def test_what_is_not_changed_is_masked_out() -> None:
    before = portrait()
    after = before.with_pixels(before.pixels.copy())
    after.pixels[100:110, 100:120] ^= 255

    mask = edit._changed(before, after)

    assert mask.dtype == np.float32
    assert mask[100:110, 100:120].min() > 0.99
    assert mask[:60].max() == 0


@pytest.mark.weights
def test_a_background_changes_what_is_no_person_alone() -> None:
    whole = portrait()
    seen = window(face_in(whole), whole.pixels)

    ((plain,),) = edit.prepare({}, edit.Options(background="#0040ff"))(iter([seen]))

    assert isinstance(plain, Patch)
    assert plain.box == (0, 0, *seen.frame.size_wh)
    assert plain.mask[2, 2] == 1
    assert np.abs(plain.pixels[2, 2].astype(int) - (0, 64, 255)).max() <= 2


@pytest.mark.parametrize("word", ["green", "blur=2", "blur=x", "#12345"])
def test_a_background_is_said_in_a_known_way(word: str) -> None:
    with pytest.raises(UsageError, match="the background"):
        edit.prepare({}, edit.Options(background=word))


def test_hair_stays_whole_where_the_background_is_replaced() -> None:
    people = np.zeros((64, 64), np.float32)
    people[16:48, 16:48] = 1
    people[16:48, 12:16] = 0.5
    picture = np.where(people[..., None] > 0.2, (200, 40, 40), (10, 200, 10)).astype(np.uint8)
    picture[16:48, 12:16] = (105, 120, 25)
    backdrop = Backdrop.read("#0000ff", None)
    assert backdrop is not None

    made = backdrop.behind(picture, people).astype(int)

    assert (made[0, 0] == (0, 0, 255)).all()
    assert np.abs(made[30, 30] - (200, 40, 40)).max() <= 1
    assert made[30, 14, 1] < 60  # the old green does not shine through


def test_colours_tell_people_from_what_is_behind_them() -> None:
    """The mask is soft far beyond a dark head before a bright wall; a strand stands out of it."""
    picture = np.full((300, 300, 3), 220, np.uint8)
    picture[100:, 100:200] = 40
    picture[90:100, 149:152] = 40
    hard = np.zeros((300, 300), np.float32)
    hard[100:, 100:200] = 1
    soft = cv2.GaussianBlur(hard, (0, 0), 4)

    told = by_colour(picture, soft)

    assert soft[200, 90:100].max() > 0.4
    assert told[200, 90:100].max() < 0.1
    assert told[95:100, 149:152].min() > 0.9
    alike = by_colour(np.full_like(picture, 100), soft)
    assert np.allclose(alike, soft)


@pytest.mark.media
@pytest.mark.weights
def test_a_body_without_its_head_is_no_place(media_dir: Path, tmp_path: Path) -> None:
    frames = read_frames(media_dir / "body" / "juggle_man.mp4")
    whole = next(islice(frames, 30, None)).pixels
    legs, picture = whole[len(whole) // 2 :], tmp_path / "place.png"
    picture.write_bytes(cv2.imencode(".png", legs[..., ::-1])[1].tobytes())

    with pytest.raises(UsageError, match="somebody is seen"):
        edit.prepare({}, edit.Options(background_image=picture), reader=FaceReader.open())


def test_what_comes_in_front_of_a_face_stays_in_front_of_effects() -> None:
    assert registry.stays_behind(registry.get("edit"))
    assert not registry.stays_behind(registry.get("style"))
