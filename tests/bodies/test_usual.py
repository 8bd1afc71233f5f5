"""What is before a person and none of them, told by what is usual at each place of each bone."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import Shown
from masquerade.bodies.skeleton import NUMBER, skeleton_of
from masquerade.bodies.usual import FEWEST, Usual, cleared, things, usual_of

PLACE = np.full((240, 300, 3), 128, np.uint8)
BALL = (250, 250, 250)  # as white as the shoes, nearly


def look(number: int, ball: tuple[int, int] | None = None) -> Shown:
    """The mannequin in one of its poses, and a white ball before it that the mask takes for it."""
    body = mannequin.body(Pose(arms=20 + 2 * number, torso_px=60, middle=(140, 110)))
    picture, mask = mannequin.painted(body, PLACE), mannequin.mask(body, PLACE.shape[:2])
    if ball is not None:
        cv2.circle(picture, ball, 14, BALL, -1)
        cv2.circle(mask, ball, 14, 1.0, -1)
    return Shown(picture, (mask * 255).astype(np.uint8), skeleton_of(body))


def places(number: int) -> tuple[int, int]:
    """Of a ball that is in every picture, now here, now there."""
    return [(140, 75), (150, 150), (130, 160), (152, 185), (128, 130), (147, 110)][number % 6]


@pytest.fixture(scope="module")
def usual() -> Usual:
    """Learned from pictures with the ball in all of them."""
    found = usual_of([look(n, places(n)) for n in range(18)])
    assert found is not None
    return found


@pytest.mark.parametrize("ball", [(140, 80), (148, 150)], ids=["torso", "leg"])
def test_a_thing_before_the_body_is_told_from_it(ball: tuple[int, int], usual: Usual) -> None:
    one = look(3, ball)
    found = things(one.pixels, PLACE, one.skeleton, one.matte, usual) > 0.5
    real = cv2.circle(np.zeros(PLACE.shape[:2], np.uint8), ball, 14, 1, -1) > 0
    assert (found & real).sum() / (found | real).sum() > 0.6


def test_a_thing_that_is_in_every_picture_is_painted_as_what_it_hides(usual: Usual) -> None:
    with_ball, alone = look(4, (150, 150)), look(4)
    made, area = cleared(with_ball, usual)
    assert area > 0.02
    there = alone.mask > 127
    assert np.mean((made.mask > 127) & there) / np.mean((made.mask > 127) | there) > 0.93
    both = there & (made.mask > 127)
    wrong = np.abs(made.pixels.astype(int) - alone.pixels)[both].max(axis=-1)
    assert (wrong > 60).mean() < 0.02


@pytest.mark.parametrize("number", [1, 7, 16])
def test_a_person_alone_is_all_their_own(number: int, usual: Usual) -> None:
    one = look(number)
    assert not things(one.pixels, PLACE, one.skeleton, one.matte, usual).any()
    made, area = cleared(one, usual)
    assert made is one
    assert area == 0


def test_what_is_taken_from_before_a_limb_leaves_no_hole_in_it(usual: Usual) -> None:
    """However few pictures show the limb itself: it is there, and else the place shows through."""
    one = look(4, (150, 150))
    made, _ = cleared(one, replace(usual, there=0 * usual.there))
    start, end = one.skeleton.segments[NUMBER["left thigh"]]
    along = np.rint(start + (end - start) * np.linspace(0.2, 0.9, 8)[:, None]).astype(int)
    assert (made.mask[along[:, 1], along[:, 0]] > 127).all()


def test_few_pictures_tell_nothing() -> None:
    assert usual_of([look(n) for n in range(FEWEST - 1)]) is None
