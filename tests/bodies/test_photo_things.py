"""Things before a person in one photo, told by colours that are not the person's own."""

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import Shown
from masquerade.bodies.photo_things import things_in
from masquerade.bodies.skeleton import skeleton_of

BODY = mannequin.body(Pose(arms=25.0, torso_px=60.0, middle=(150.0, 120.0)))
WHITE, RED, GREEN = (240, 240, 240), (190, 40, 40), (40, 150, 60)


def photo(*balls: tuple[tuple[int, int], int, tuple[int, int, int]]) -> Shown:
    """The mannequin, with balls before them."""
    picture = mannequin.painted(BODY, np.full((260, 300, 3), 30, np.uint8))
    mask = np.rint(mannequin.mask(BODY, picture.shape[:2]) * 255).astype(np.uint8)
    for centre, radius, colour in balls:
        cv2.circle(picture, centre, radius, colour, -1)
        cv2.circle(mask, centre, radius, 255, -1)
    return Shown(picture, mask, skeleton_of(BODY))


def test_clothes_skin_and_shoes_are_no_things() -> None:
    assert things_in(photo()) == []


@pytest.mark.parametrize(
    ("centre", "colour"),
    [((140, 150), WHITE), ((150, 95), RED), ((205, 125), GREEN)],  # a thigh, the belly, a hand
)
def test_a_ball_before_the_person_is_found(
    centre: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    (thing,) = things_in(photo((centre, 11, colour)))
    x0, y0, x1, y1 = thing.box
    assert abs((x0 + x1) / 2 - centre[0]) < 5
    assert abs((y0 + y1) / 2 - centre[1]) < 5
    assert 14 < max(x1 - x0, y1 - y0) < 32


def test_a_button_is_no_thing() -> None:
    assert things_in(photo(((150, 95), 3, WHITE))) == []


@pytest.mark.parametrize(
    ("centre", "colour", "sure"),
    [
        ((140, 150), WHITE, True),  # before a thigh
        ((205, 125), GREEN, True),  # at a hand
        ((150, 95), RED, False),  # before the belly: it may be a print
        ((140, 150), (190, 130, 100), False),  # as skin is: it may be an arm
    ],
)
def test_only_what_is_no_print_and_no_arm_is_sure(
    centre: tuple[int, int], colour: tuple[int, int, int], sure: bool
) -> None:
    assert [one.sure for one in things_in(photo((centre, 13, colour)))] == [sure]
