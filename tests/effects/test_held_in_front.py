from dataclasses import replace

import numpy as np
import pytest
from tests.effects.test_effects import portrait
from tests.generate.test_edit import face_in, window

from masquerade.effects.held_in_front import read_areas, with_front_apart
from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed
from masquerade.errors import UsageError
from masquerade.generate import edit
from masquerade.types import Patch


@pytest.mark.parametrize(
    "said", ["", "hand", "1,2", "1,2 3", "1,2,3 4,5,6", "1,2 1,9", "nan,0 1,1 2,2", "face:"]
)
def test_what_is_no_area_is_refused(said: str) -> None:
    with pytest.raises(UsageError):
        edit.prepare({}, edit.Options(effect=("smile=1",), front=(said,)))


def test_corners_are_a_box_or_an_outline() -> None:
    box, outline, own = read_areas(["9,8 3,4", "0,0 9,0 5,7.5", "face:0,0.5 1,1"])

    assert box.area == ((3, 4), (9, 4), (9, 8), (3, 8))
    assert outline.area == ((0, 0), (9, 0), (5, 7.5))
    assert (box.unit, own.unit) == ("px", "face")


@pytest.mark.parametrize("said", ["smile=1", "palsy=1", "jaundice=1", "lipstick=1"])
def test_what_is_in_front_stays_to_the_pixel(said: str) -> None:
    whole = portrait()
    x, y = np.rint(whole.points[17]).astype(int)
    x0, y0, x1, y1 = x - 25, y - 20, x + 5, y + 20
    face = face_in(whole)

    def made(*front: str) -> Patch:
        options = edit.Options(effect=(said,), front=front)
        ((patch,),) = edit.prepare({}, options)(iter([window(face, whole.pixels)]))
        assert isinstance(patch, Patch)
        return patch

    held, rival = made(f"{x0},{y0} {x1},{y1}"), made()
    left, top = held.box[:2]
    here = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]

    assert (held.pixels[here] == whole.pixels[y0:y1, x0:x1]).all()
    assert (rival.pixels[here] != whole.pixels[y0:y1, x0:x1]).any()
    assert (held.pixels != whole.pixels[top : held.box[3], left : held.box[2]]).any()


def test_nothing_hidden_is_pulled_into_sight() -> None:
    whole = portrait()
    x, y = np.rint(whole.points[17]).astype(int)
    front = np.zeros(whole.pixels.shape[:2], np.float32)
    front[y - 20 : y + 20, x - 25 : x + 5] = 1
    given: list[Portrait] = []

    def change(bare: Portrait) -> Portrait:
        given.append(bare)
        return pushed(bare, [Push(17, 0.2, -0.3, 0.2), Push(6, 0, 0.2, 0.1)])

    made = with_front_apart(whole, front, change)
    (bare,) = given
    moved = pushed(bare, [Push(17, 0.2, -0.3, 0.2)]).pixels != bare.pixels
    rival = pushed(replace(bare, still=None), [Push(17, 0.2, -0.3, 0.2)]).pixels != bare.pixels

    inside = np.s_[y - 12 : y + 12, x - 17 : x - 3]  # the field's edge is soft
    assert moved[inside].mean() < 0.05
    assert rival[inside].mean() > 0.5
    assert bare.still is not None
    assert bare.still[:3].max() == 0
    assert (made.pixels != whole.pixels).any()


def test_an_area_outside_the_picture_is_refused() -> None:
    whole = portrait()
    options = edit.Options(effect=("smile=1",), front=("9000,0 9100,50",))

    with pytest.raises(UsageError, match="within the picture"):
        list(edit.prepare({}, options)(iter([window(face_in(whole), whole.pixels)])))
