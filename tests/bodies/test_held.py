"""What is before a person and none of them, told by colours that come and go."""

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.held import Palette, palette_of, things
from masquerade.bodies.skeleton import Skeleton, skeleton_of
from masquerade.types import RGB, Mask

PLACE = np.full((240, 300, 3), 128, np.uint8)


def look(number: int, ball: tuple[int, int] | None = None) -> tuple[RGB, Skeleton, Mask]:
    """The mannequin in one of its poses, and a white ball before it."""
    body = mannequin.body(Pose(arms=20 + 3 * number, torso_px=60, middle=(140, 110)))
    picture, mask = mannequin.painted(body, PLACE), mannequin.mask(body, PLACE.shape[:2])
    if ball is not None:
        cv2.circle(picture, ball, 12, (250, 250, 250), -1)
        cv2.circle(mask, ball, 12, 1.0, -1)
    return picture, skeleton_of(body), mask


@pytest.fixture(scope="module")
def palette() -> Palette:
    """Learned from ten pictures, with a ball before the torso in three of them."""
    found = palette_of(look(n, (140, 80) if n in (2, 5, 8) else None) for n in range(10))
    assert found is not None
    return found


@pytest.mark.parametrize("ball", [(140, 80), (145, 135)])
def test_a_thing_before_the_body_is_told_from_it(ball: tuple[int, int], palette: Palette) -> None:
    picture, bones, mask = look(3, ball)
    found = things(picture, PLACE, bones, mask, palette) > 0.5
    real = cv2.circle(np.zeros(PLACE.shape[:2], np.uint8), ball, 12, 1, -1) > 0
    assert (found & real).sum() / (found | real).sum() > 0.6


def test_a_person_alone_is_all_their_own(palette: Palette) -> None:
    picture, bones, mask = look(11)
    assert not things(picture, PLACE, bones, mask, palette).any()


def test_few_pictures_tell_nothing() -> None:
    assert palette_of(look(n) for n in range(4)) is None
