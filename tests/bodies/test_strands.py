"""Loose hair goes with the old person; other things near a head stay."""

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.skeleton import skeleton_of
from masquerade.bodies.strands import strands, without_hair
from masquerade.types import RGB, Mask

BODY = mannequin.body(Pose(middle=(150.0, 150.0), torso_px=80.0))
SHAPE_HW = (300, 300)
PLACE: RGB = np.full((*SHAPE_HW, 3), 190, np.uint8)
BROWN, RED = (70, 45, 30), (200, 30, 30)
HEAD = (150, 38)


def scene() -> tuple[RGB, Mask]:
    """The mannequin with brown hair, and where they are."""
    picture = mannequin.painted(BODY, PLACE)
    cv2.circle(picture, (HEAD[0], HEAD[1] - 8), 14, BROWN, -1)
    return picture, mannequin.mask(BODY, SHAPE_HW)


@pytest.mark.parametrize(
    ("start", "end", "colour", "wide", "goes"),
    [
        ((180, 30), (186, 60), BROWN, 3, True),  # a strand
        ((180, 30), (186, 60), RED, 3, False),  # a straw
        ((186, 45), (186, 47), BROWN, 22, False),  # a ball
        ((280, 30), (286, 60), BROWN, 3, False),  # a twig, away from the head
    ],
)
def test_what_is_thin_and_of_the_hairs_colour_goes(
    start: tuple[int, int],
    end: tuple[int, int],
    colour: tuple[int, int, int],
    wide: int,
    goes: bool,
) -> None:
    picture, mask = scene()
    cv2.line(picture, start, end, colour, wide)
    known = np.ones(SHAPE_HW, np.bool_)

    found = strands(picture, PLACE, known, mask, skeleton_of(BODY))

    assert (found[46, start[0] + 3] > 0.5) is np.bool_(goes)
    assert (found.max() > 0.5) is np.bool_(goes)


@pytest.mark.parametrize(("colour", "stays"), [(BROWN, False), (RED, True)])
def test_hair_over_a_shirt_is_no_thing(colour: tuple[int, int, int], stays: bool) -> None:
    picture, mask = scene()
    things = np.zeros(SHAPE_HW, np.float32)
    for drawn, value in ((picture, colour), (things, 1.0)):
        cv2.ellipse(drawn, (165, 85), (6, 12), 0, 0, 360, value, -1)

    left = without_hair(things, picture, mask, skeleton_of(BODY))

    assert (left[85, 165] > 0.5) is np.bool_(stays)
